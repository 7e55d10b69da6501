/** RFC 6455, as far as these tests need it. */
export const Opcode = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  readonly opcode: number;
  readonly content: Buffer;
}

/** One whole frame of a client. Its mask is zero, which leaves the content as it is. */
export function clientFrame(opcode: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  const { length } = bytes;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + lengthBytes + 4);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) head.writeUInt16BE(length, 2);
  if (lengthBytes === 8) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, bytes]);
}

/** What a client sends to open a WebSocket. */
export function upgradeRequest(path: string, protocol?: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    '\r\n',
  ].join('\r\n');
}

/** Reads the unmasked, unfragmented frames of a server from chunks of bytes. */
export class FrameReader {
  readonly #take: (frame: Frame) => void;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(take: (frame: Frame) => void) {
    this.#take = take;
  }

  write(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    let at = 0;
    for (;;) {
      const end = endOfFrame(this.#bytes, at);
      if (end === undefined) break;
      const [start, stop] = end;
      this.#take({ opcode: this.#bytes[at]! & 0x0f, content: this.#bytes.subarray(start, stop) });
      at = stop;
    }
    this.#bytes = this.#bytes.subarray(at);
  }
}

/** Where the content of the frame at `at` begins and ends; undefined while it is not all there. */
function endOfFrame(bytes: Buffer, at: number): [number, number] | undefined {
  if (bytes.length < at + 2) return undefined;
  const short = bytes[at + 1]!;
  const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
  if (bytes.length < start) return undefined;
  let length = short;
  if (short === 126) length = bytes.readUInt16BE(at + 2);
  if (short === 127) length = Number(bytes.readBigUInt64BE(at + 2));
  return bytes.length < start + length ? undefined : [start, start + length];
}
