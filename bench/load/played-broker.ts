import { createServer, type Socket } from 'node:net';

const connectType = 1;
const subscribeType = 8;
const pingType = 12;

/** The subscriber that has come, and the version of MQTT that it speaks: 4 is 3.1.1. */
export interface Subscriber {
  readonly socket: Socket;
  readonly version: number;
}

/**
 * Plays the MQTT broker for one subscriber: enough of MQTT 3.1.1 and 5 that the server under test takes
 * it for one. A real broker spends more on a message than some servers do (it makes a system call for
 * each), so where every delivery is a message of its own it would be what is measured.
 */
export class PlayedBroker {
  readonly subscriber: Promise<Subscriber>;
  readonly listening: Promise<void>;

  constructor(port: number) {
    const came = Promise.withResolvers<Subscriber>();
    const listening = Promise.withResolvers<void>();
    this.subscriber = came.promise;
    this.listening = listening.promise;
    const server = createServer({ noDelay: true }, (socket) => {
      let version = 4;
      let rest: Buffer = Buffer.alloc(0);
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk]);
        for (let next = firstPacket(rest); next !== undefined; next = firstPacket(rest)) {
          rest = rest.subarray(next.end);
          const type = next.type >> 4;
          // The version stands behind the protocol's name, which is four letters in both.
          if (type === connectType) version = next.body[6] ?? 4;
          socket.write(answer(type, next.body, version));
          if (type === subscribeType) came.resolve({ socket, version });
        }
      });
    });
    server.listen(port, '127.0.0.1', () => listening.resolve());
  }
}

function firstPacket(bytes: Buffer) {
  let size = 0;
  for (let at = 1; at < Math.min(5, bytes.length); at++) {
    size += (bytes[at]! & 0x7f) << (7 * (at - 1));
    if (bytes[at]! >= 0x80) continue;
    const end = at + 1 + size;
    if (end > bytes.length) return undefined;
    return { type: bytes[0]!, body: bytes.subarray(at + 1, end), end };
  }
  return undefined;
}

function answer(type: number, body: Buffer, version: number): Buffer {
  const properties = version === 5 ? [0] : [];
  if (type === connectType) return packet(0x20, [0, 0, ...properties]);
  if (type === pingType) return packet(0xd0, []);
  if (type !== subscribeType) return Buffer.alloc(0);
  const granted = Array.from({ length: filters(body, version) }, () => 0);
  return packet(0x90, [body[0]!, body[1]!, ...properties, ...granted]);
}

/** How many filters a SUBSCRIBE asks for. Its properties, if any, are shorter than 128 bytes. */
function filters(body: Buffer, version: number): number {
  let at = version === 5 ? 3 + body[2]! : 2;
  let count = 0;
  for (; at + 2 < body.length; count++) at += 2 + body.readUInt16BE(at) + 1;
  return count;
}

function packet(type: number, body: readonly number[]): Buffer {
  return Buffer.from([type, body.length, ...body]);
}
