import type { DeviceMessage } from '../kernel/device-message.ts';
import { MessageRing, type KeptMessage } from './message-ring.ts';

/** Whose messages are kept. */
export interface RingOwner {
  /** Null while none of its messages is kept. */
  ring: MessageRing | null;
}

export interface KeptMessagesOptions<Owner extends RingOwner> {
  /** The maximum number of messages of one device. */
  readonly maxPerDevice: number;
  /** How long a message is kept, in milliseconds. */
  readonly ttlMs: number;
  /** The maximum memory of all messages, in bytes. */
  readonly maxBytes: number;
  /** The owner of a kept message. */
  readonly ownerOf: (message: DeviceMessage) => Owner;
}

/**
 * The memory of a kept message besides its strings, in bytes: two objects, the headers
 * of two strings, its slot. Measured.
 */
export const messageOverheadBytes = 192;

/** What a retained message takes in addition, in bytes, for the member that only it has. Measured. */
const retainedOverheadBytes = 56;

/**
 * The newest messages of all devices. Each device has a ring of messages. One linked
 * list runs through all rings in the order of arrival; messages are removed from its
 * old end when they are too old or too many bytes are kept.
 */
export class KeptMessages<Owner extends RingOwner> {
  readonly #options: KeptMessagesOptions<Owner>;
  #oldest: KeptMessage | null = null;
  #newest: KeptMessage | null = null;
  #bytes = 0;

  constructor(options: KeptMessagesOptions<Owner>) {
    this.#options = options;
  }

  /** The memory of all messages, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps the newest message of an owner; `payloadBytes` is the memory of its payload. */
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

  /** The list is in the order of arrival, so expired messages are at its old end. */
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
    // A reader that still holds this message must not keep all later ones alive.
    kept.older = null;
    kept.newer = null;
  }
}
