import type { DeviceMessage } from '../kernel/device-message.ts';
import { MessageRing, type KeptMessage } from './message-ring.ts';

/** Whose messages are kept. */
export interface RingOwner {
  /** Null while none of its messages is kept. */
  ring: MessageRing | null;
}

export interface KeptMessagesOptions<Owner extends RingOwner> {
  /** Messages of one device at most. */
  readonly maxPerDevice: number;
  /** For how long a message is kept, in milliseconds. */
  readonly ttlMs: number;
  /** The memory that all messages together may take. */
  readonly maxBytes: number;
  /** The owner of a message that is kept. */
  readonly ownerOf: (message: DeviceMessage) => Owner;
}

/** What a kept message takes besides its texts: two objects, the headers of two strings, its slot. Measured. */
export const messageOverheadBytes = 192;

/** What a retained one takes beyond that, for the member that only it has. Measured. */
const retainedOverheadBytes = 56;

/**
 * The newest messages of each device. A ring for each device, and through all of
 * them one list in the order of arrival, from whose old end messages go when they
 * are too old or too many bytes are kept.
 */
export class KeptMessages<Owner extends RingOwner> {
  readonly #options: KeptMessagesOptions<Owner>;
  #oldest: KeptMessage | null = null;
  #newest: KeptMessage | null = null;
  #bytes = 0;

  constructor(options: KeptMessagesOptions<Owner>) {
    this.#options = options;
  }

  /** The memory that they take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps the newest message of its owner; `payloadBytes` is the memory that its payload takes. */
  keep(owner: Owner, message: DeviceMessage, payloadBytes: number): void {
    this.dropExpired(message.receivedAt);
    if (owner.ring?.full === true) this.dropOldestOf(owner);
    const ring = (owner.ring ??= new MessageRing(this.#options.maxPerDevice));
    const bytes =
      payloadBytes + messageOverheadBytes + (message.retained ? retainedOverheadBytes : 0);
    const kept: KeptMessage = { message, bytes, older: this.#newest, newer: null };
    if (this.#newest === null) this.#oldest = kept;
    else this.#newest.newer = kept;
    this.#newest = kept;
    ring.push(kept);
    this.#bytes += bytes;
    while (this.#bytes > this.#options.maxBytes) this.#drop(this.#oldest!);
  }

  /** Drops the oldest message of an owner that has one. */
  dropOldestOf(owner: Owner): void {
    this.#dropFrom(owner, owner.ring!.oldest!);
  }

  dropAllOf(owner: Owner): void {
    while (owner.ring !== null) this.dropOldestOf(owner);
  }

  /** The list is in the order of arrival, so what has expired stands at its old end. */
  dropExpired(now: number): void {
    const before = now - this.#options.ttlMs;
    while (this.#oldest !== null && this.#oldest.message.receivedAt < before) {
      this.#drop(this.#oldest);
    }
  }

  /** The oldest of all is the oldest of its device too. */
  #drop(kept: KeptMessage): void {
    this.#dropFrom(this.#options.ownerOf(kept.message), kept);
  }

  #dropFrom(owner: Owner, kept: KeptMessage): void {
    const ring = owner.ring!;
    ring.shift();
    if (ring.length === 0) owner.ring = null;
    this.#bytes -= kept.bytes;
    const { older, newer } = kept;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    // Whoever still holds it must not hold all that came after it.
    kept.older = null;
    kept.newer = null;
  }
}
