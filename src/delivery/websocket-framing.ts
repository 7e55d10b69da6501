import type { Framing } from './joiner.ts';

/** FIN and the opcode of a text frame [RFC 6455, 5.2]. */
const finText = 0x81;

/** Unmasked text frames, as a server sends them. */
export const webSocketFraming: Framing = {
  overhead(length) {
    if (length < 126) return 2;
    return length < 65_536 ? 4 : 10;
  },
  writeHeader(target, offset, length) {
    target[offset] = finText;
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
