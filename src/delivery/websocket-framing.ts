import { constants, deflateRawSync } from 'node:zlib';
import type { Framing } from './joiner.ts';

/** FIN and the opcode of a text frame [RFC 6455, 5.2]. */
const finText = 0x81;
/** RSV1, which marks a compressed message [RFC 7692, 6]. */
const compressed = 0x40;

/** Unmasked text frames, as a server sends them. */
export const webSocketFraming = framing(finText);

/** Unmasked frames with compressed content: {@link deflated} and {@link stored}. */
export const compressedWebSocketFraming = framing(finText | compressed);

function framing(firstByte: number): Framing {
  return {
    overhead(length) {
      if (length < 126) return 2;
      return length < 65_536 ? 4 : 10;
    },
    writeHeader(target, offset, length) {
      target[offset] = firstByte;
      if (length < 126) {
        target[offset + 1] = length;
        return offset + 2;
      }
      if (length < 65_536) {
        target[offset + 1] = 126;
        target[offset + 2] = length >>> 8;
        target[offset + 3] = length & 0xff;
        return offset + 4;
      }
      target[offset + 1] = 127;
      target.writeBigUInt64BE(BigInt(length), offset + 2);
      return offset + 10;
    },
  };
}

/**
 * The end of a compressed message. It does not refer to earlier data (the extension is
 * negotiated without context takeover), so all subscribers share it.
 */
export function deflated(text: string): Buffer {
  const bytes = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH });
  // The empty block at the end is omitted [RFC 7692, 7.2.1].
  return bytes.subarray(0, -4);
}

/**
 * The beginning of a compressed message: a stored block of at most 65,535 bytes [RFC
 * 1951, 3.2.4], which a `deflated` end follows.
 */
export function stored(bytes: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt16LE(bytes.length, 1);
  header.writeUInt16LE(~bytes.length & 0xffff, 3);
  return Buffer.concat([header, bytes]);
}
