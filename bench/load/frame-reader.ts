import type { Reader, ReaderEvents } from './reader.ts';

const text = 0x81;
const binary = 0x82;

/**
 * Walks WebSocket frames from header to header; the payload in between is not touched, so a frame costs
 * a few nanoseconds. A data frame of at least `messageBytes` is a message: acknowledgements and the like
 * are smaller than the payload alone.
 */
export class FrameReader implements Reader {
  count = 0;
  readonly #events: ReaderEvents;
  readonly #messageBytes: number;
  #every = 1;
  #untilSample = 1;
  /** Bytes of a counted-on-arrival message that are still to come. */
  #skip = 0;
  /** The beginning of a frame whose header, or whose sampled body, was cut. */
  #rest: Buffer | undefined;

  constructor(events: ReaderEvents, messageBytes: number) {
    this.#events = events;
    this.#messageBytes = messageBytes;
  }

  sample(every: number, first: number): void {
    this.#every = every;
    this.#untilSample = first;
  }

  feed(chunk: Buffer, chunkLength: number): void {
    let bytes = chunk;
    let length = chunkLength;
    if (this.#rest !== undefined) {
      bytes = Buffer.concat([this.#rest, chunk.subarray(0, chunkLength)]);
      length = bytes.length;
      this.#rest = undefined;
    }
    const before = this.count;
    let at = 0;
    if (this.#skip > 0) {
      if (length < this.#skip) {
        this.#skip -= length;
        return;
      }
      at = this.#skip;
      this.#skip = 0;
      this.count++;
    }
    while (length - at >= 2) {
      const first = bytes[at]!;
      let size = bytes[at + 1]!;
      let body = at + 2;
      if (size === 126) {
        if (length - at < 4) break;
        size = (bytes[at + 2]! << 8) | bytes[at + 3]!;
        body = at + 4;
      } else if (size >= 127) {
        if (length - at < 10) break;
        size = bytes.readUIntBE(at + 4, 6);
        body = at + 10;
      }
      const end = body + size;
      if ((first === text || first === binary) && size >= this.#messageBytes) {
        if (--this.#untilSample === 0) {
          if (end > length) {
            this.#untilSample = 1;
            break;
          }
          this.#untilSample = this.#every;
          this.count++;
          this.#events.inspect(bytes, body, end, this.count);
        } else if (end > length) {
          this.#skip = end - length;
          at = length;
          break;
        } else {
          this.count++;
        }
      } else {
        if (end > length) break;
        this.#events.control(first & 0x8f, Buffer.from(bytes.subarray(body, end)));
      }
      at = end;
    }
    if (at < length) this.#rest = Buffer.from(bytes.subarray(at, length));
    if (this.count !== before) this.#events.arrived(this.count - before);
  }
}
