import type { DeviceMessage } from '../kernel/device-message.ts';

/**
 * A message in the log's linked list, which contains the messages of all devices in the
 * order of arrival.
 */
export interface KeptMessage {
  readonly message: DeviceMessage;
  /** The memory that it takes, in bytes. */
  readonly bytes: number;
  older: KeptMessage | null;
  newer: KeptMessage | null;
}

/**
 * The kept messages of one device. Their numbers are consecutive, so a message's number
 * gives its slot. The ring starts at one slot and doubles up to its capacity, since
 * many devices of a large fleet rarely send.
 */
export class MessageRing {
  readonly #capacity: number;
  #slots: (KeptMessage | null)[] = [null];
  #first = 0;
  #length = 0;

  /** `capacity`: how many messages it holds at most. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#length;
  }

  get full(): boolean {
    return this.#length === this.#capacity;
  }

  get oldest(): KeptMessage | null {
    return this.#length === 0 ? null : this.#at(this.#first);
  }

  /** Adds the message that follows the newest. The caller MUST check that the ring is not full. */
  push(kept: KeptMessage): void {
    const { sequence } = kept.message;
    if (this.#length === 0) this.#first = sequence;
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[sequence & (this.#slots.length - 1)] = kept;
    this.#length += 1;
  }

  /** Removes the oldest message. */
  shift(): void {
    this.#slots[this.#first & (this.#slots.length - 1)] = null;
    this.#first += 1;
    this.#length -= 1;
  }

  /** Up to `limit` messages after this number, the oldest first. */
  readAfter(sequence: number, limit: number): DeviceMessage[] {
    const from = Math.max(sequence + 1, this.#first);
    const to = Math.min(from + limit, this.#first + this.#length);
    const messages: DeviceMessage[] = [];
    for (let i = from; i < to; i += 1) messages.push(this.#at(i)!.message);
    return messages;
  }

  #at(sequence: number): KeptMessage | null {
    return this.#slots[sequence & (this.#slots.length - 1)]!;
  }

  #grow(): void {
    const slots: (KeptMessage | null)[] = Array.from(
      { length: this.#slots.length * 2 },
      () => null,
    );
    for (let i = 0; i < this.#length; i += 1) {
      const sequence = this.#first + i;
      slots[sequence & (slots.length - 1)] = this.#at(sequence);
    }
    this.#slots = slots;
  }
}
