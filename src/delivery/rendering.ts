import type { DeviceMessage, Gap } from '../device-message.ts';

/** How one kind of connection writes a result down. One object for each kind, since it is a key. */
export interface Wire {
  encode(text: string): Buffer;
}

/** From a message to the bytes that all its subscribers of one kind get. */
export interface Rendering {
  /** `queued`: the message comes out of a queue, so others are likely to come to it later too. */
  bytes(message: DeviceMessage, gap: Gap | null, queued: boolean): Buffer;
}

/** Messages whose bytes are kept for subscribers that come to them later, out of their queues. */
const keptMessages = 128;
const keptBytes = 4 * 1024 * 1024;

/**
 * Renders each message once. Dispatch asks for one message many times over, so
 * the last one is at hand at the cost of a comparison; subscribers that drain
 * their queues ask for older ones again, so some of those are kept too.
 */
export class SharedRendering implements Rendering {
  readonly #render: (message: DeviceMessage, gap: Gap | null) => Buffer;
  #last: DeviceMessage | undefined;
  #lastBytes: Buffer = Buffer.alloc(0);
  readonly #kept = new Map<DeviceMessage, Buffer>();
  #size = 0;

  constructor(render: (message: DeviceMessage, gap: Gap | null) => Buffer) {
    this.#render = render;
  }

  bytes(message: DeviceMessage, gap: Gap | null, queued: boolean): Buffer {
    if (gap !== null) return this.#render(message, gap);
    if (message !== this.#last) {
      this.#lastBytes = queued
        ? (this.#kept.get(message) ?? this.#keep(message))
        : this.#render(message, null);
      this.#last = message;
    }
    return this.#lastBytes;
  }

  #keep(message: DeviceMessage): Buffer {
    const bytes = this.#render(message, null);
    this.#kept.set(message, bytes);
    this.#size += bytes.length;
    while (this.#kept.size > keptMessages || this.#size > keptBytes) {
      const [oldest, { length }] = this.#kept.entries().next().value!;
      this.#kept.delete(oldest);
      this.#size -= length;
    }
    return bytes;
  }
}
