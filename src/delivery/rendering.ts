import type { DeviceMessage, Gap } from '../kernel/device-message.ts';

/**
 * How one kind of connection encodes a result. There is one object for each kind,
 * because it is used as a key.
 */
export interface Wire {
  /** `text`: the text of this message's result. */
  encode(text: string, message: DeviceMessage): Buffer;
}

/** Renders a message to the bytes that all its subscribers of one kind of connection get. */
export interface Rendering {
  /** `queued`: the message comes from a queue, so other subscribers are likely to need it later too. */
  bytes(message: DeviceMessage, gap: Gap | null, queued: boolean): Buffer;
}

/** How many messages' bytes one rendering keeps for subscribers that take them from their queues later. */
const keptMessages = 128;
/** The maximum bytes of all renderings together. */
const defaultMaxBytes = 32 * 1024 * 1024;

/** The bytes that all renderings of a gateway keep together, with a limit. */
export class RenderingMemory {
  readonly #maxBytes: number;
  readonly #keeping = new Set<SharedRendering>();
  #bytes = 0;

  /** `maxBytes`: default 32 MiB. */
  constructor(maxBytes: number = defaultMaxBytes) {
    this.#maxBytes = maxBytes;
  }

  /** The bytes that are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Called when a rendering keeps more or fewer bytes than before. */
  changed(rendering: SharedRendering, bytes: number): void {
    this.#bytes += bytes;
    if (bytes > 0) this.#keeping.add(rendering);
    if (this.#bytes > this.#maxBytes) this.#shrink();
  }

  /** Frees half of the limit, so that not every message has to make room. */
  #shrink(): void {
    for (const rendering of this.#keeping) {
      if (this.#bytes <= this.#maxBytes / 2) return;
      this.#keeping.delete(rendering);
      rendering.forget();
    }
  }
}

export interface SharedRenderingOptions {
  readonly memory: RenderingMemory;
  /** Whether a gap changes the rendered bytes. Default: false. */
  readonly tellsGaps?: boolean;
}

/**
 * Renders each message once. Dispatch requests the same message many times, so the last
 * one is kept and found by one comparison. Subscribers that drain their queues request
 * older messages again, so some of those are kept too.
 */
export class SharedRendering implements Rendering {
  readonly #render: (message: DeviceMessage, gap: Gap | null) => Buffer;
  readonly #memory: RenderingMemory;
  readonly #tellsGaps: boolean;
  #last: DeviceMessage | undefined;
  #lastBytes: Buffer = noBytes;
  #lastGap: Gap | null = null;
  readonly #kept = new Map<DeviceMessage, Buffer>();
  #keptBytes = 0;

  constructor(
    render: (message: DeviceMessage, gap: Gap | null) => Buffer,
    { memory, tellsGaps = false }: SharedRenderingOptions,
  ) {
    this.#render = render;
    this.#memory = memory;
    this.#tellsGaps = tellsGaps;
  }

  bytes(message: DeviceMessage, missed: Gap | null, queued: boolean): Buffer {
    const gap = this.#tellsGaps ? missed : null;
    if (message === this.#last && areEqual(gap, this.#lastGap)) return this.#lastBytes;
    // Subscribers with the same gap also come one after the other: all those with the same minimum
    // interval.
    const bytes =
      gap === null && queued
        ? (this.#kept.get(message) ?? this.#keep(message))
        : this.#render(message, gap);
    const more = bytes.length - this.#lastBytes.length;
    this.#last = message;
    this.#lastGap = gap;
    this.#lastBytes = bytes;
    this.#memory.changed(this, more);
    return bytes;
  }

  /** Releases everything that it keeps. */
  forget(): void {
    const bytes = this.#lastBytes.length + this.#keptBytes;
    this.#last = undefined;
    this.#lastBytes = noBytes;
    this.#kept.clear();
    this.#keptBytes = 0;
    this.#memory.changed(this, -bytes);
  }

  #keep(message: DeviceMessage): Buffer {
    const bytes = this.#render(message, null);
    const before = this.#keptBytes;
    this.#kept.set(message, bytes);
    this.#keptBytes += bytes.length;
    if (this.#kept.size > keptMessages) {
      const [oldest, { length }] = this.#kept.entries().next().value!;
      this.#kept.delete(oldest);
      this.#keptBytes -= length;
    }
    this.#memory.changed(this, this.#keptBytes - before);
    return bytes;
  }
}

const noBytes: Buffer = Buffer.alloc(0);

function areEqual(one: Gap | null, other: Gap | null): boolean {
  if (one === null || other === null) return one === other;
  return one.missed === other.missed && one.reason === other.reason;
}
