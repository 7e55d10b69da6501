import type { DeviceMessage, Gap } from '../device-message.ts';

/** How one kind of connection writes a result down. One object for each kind, since it is a key. */
export interface Wire {
  /** `text`: of the result of this message. */
  encode(text: string, message: DeviceMessage): Buffer;
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
  readonly #tellsGaps: boolean;
  #last: DeviceMessage | undefined;
  #lastBytes: Buffer = Buffer.alloc(0);
  #lastGap: Gap | null = null;
  readonly #kept = new Map<DeviceMessage, Buffer>();
  #size = 0;

  /** `tellsGaps`: whether a gap makes a difference to what is rendered. */
  constructor(render: (message: DeviceMessage, gap: Gap | null) => Buffer, tellsGaps = false) {
    this.#render = render;
    this.#tellsGaps = tellsGaps;
  }

  bytes(message: DeviceMessage, missed: Gap | null, queued: boolean): Buffer {
    const gap = this.#tellsGaps ? missed : null;
    if (message !== this.#last || !areEqual(gap, this.#lastGap)) {
      this.#lastGap = gap;
      // Subscribers with the same gap follow each other as well: all those who take one message in an interval.
      if (gap !== null) this.#lastBytes = this.#render(message, gap);
      else
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

function areEqual(one: Gap | null, other: Gap | null): boolean {
  if (one === null || other === null) return one === other;
  return one.missed === other.missed && one.reason === other.reason;
}
