import type { Reader, ReaderEvents } from './reader.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Counts Server-Sent Events in a chunked HTTP body. The end of an event is an empty line; the search for
 * it starts `messageBytes` behind the start of the event, since no message is shorter. A comment is, and
 * so melts into the message behind it: what is counted stays exactly the messages.
 */
export class EventReader implements Reader {
  count = 0;
  readonly #events: ReaderEvents;
  readonly #messageBytes: number;
  #every = 1;
  #untilSample = 1;
  #chunkLeft = 0;
  /** The chunk size that is being read, or -1 between its digits and the data. */
  #chunkSize = 0;
  #inChunkExtension = false;
  #eventBytes = 0;
  #endsInNewline = false;
  /** The beginning of an event that is to be looked into and was cut. */
  #parts: Buffer[] = [];

  constructor(events: ReaderEvents, messageBytes: number) {
    this.#events = events;
    this.#messageBytes = messageBytes;
  }

  sample(every: number, first: number): void {
    this.#every = every;
    // The event that is under way keeps the choice that its start made.
    this.#untilSample = this.#eventBytes > 0 && this.#untilSample === 1 ? 1 : first;
  }

  feed(bytes: Buffer, length: number): void {
    const before = this.count;
    let at = 0;
    while (at < length) {
      if (this.#chunkLeft === 0) {
        at = this.#chunkHeader(bytes, at, length);
        continue;
      }
      const end = Math.min(length, at + this.#chunkLeft);
      this.#chunkLeft -= end - at;
      this.#body(bytes, at, end);
      at = end;
    }
    if (this.count !== before) this.#events.arrived(this.count - before);
  }

  #chunkHeader(bytes: Buffer, from: number, length: number): number {
    for (let at = from; at < length; at++) {
      const byte = bytes[at]!;
      if (byte === newline) {
        // The line end behind a chunk's data has no digits before it and is read as a size of 0.
        this.#chunkLeft = this.#chunkSize;
        this.#chunkSize = 0;
        this.#inChunkExtension = false;
        if (this.#chunkLeft > 0) return at + 1;
      } else if (byte === 0x3b) {
        this.#inChunkExtension = true;
      } else if (byte !== carriageReturn && !this.#inChunkExtension) {
        this.#chunkSize = this.#chunkSize * 16 + Number.parseInt(String.fromCharCode(byte), 16);
      }
    }
    return length;
  }

  #body(bytes: Buffer, from: number, to: number): void {
    let start = from;
    for (;;) {
      const end = this.#eventEnd(bytes, start, to);
      if (end < 0) break;
      this.count++;
      if (--this.#untilSample === 0) {
        this.#untilSample = this.#every;
        this.#look(bytes, start, end);
      }
      this.#eventBytes = 0;
      this.#endsInNewline = false;
      start = end;
    }
    if (start === to) return;
    if (this.#untilSample === 1) this.#parts.push(Buffer.from(bytes.subarray(start, to)));
    this.#eventBytes += to - start;
    this.#endsInNewline = bytes[to - 1] === newline;
  }

  /** The place behind the empty line that ends the event which goes on at `start`, or -1. */
  #eventEnd(bytes: Buffer, start: number, to: number): number {
    if (this.#endsInNewline && this.#eventBytes >= this.#messageBytes && bytes[start] === newline) {
      return start + 1;
    }
    let at = start + Math.max(0, this.#messageBytes - this.#eventBytes);
    while (at < to) {
      const found = bytes.indexOf(newline, at);
      if (found < 0 || found + 1 >= to) return -1;
      if (bytes[found + 1] === newline) return found + 2;
      at = found + 1;
    }
    return -1;
  }

  #look(bytes: Buffer, start: number, end: number): void {
    if (this.#parts.length === 0) {
      this.#events.inspect(bytes, start, end, this.count);
      return;
    }
    const whole = Buffer.concat([...this.#parts, bytes.subarray(start, end)]);
    this.#parts = [];
    this.#events.inspect(whole, 0, whole.length, this.count);
  }
}
