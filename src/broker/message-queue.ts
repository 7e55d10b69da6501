import type { DeviceMessage } from '../kernel/device-message.ts';

/**
 * A bounded FIFO queue of message references: 100 queued messages cost 100 pointers,
 * not 100 copies. The ring starts at 8 slots and doubles up to the capacity, since most
 * subscriptions never queue anything.
 */
export class MessageQueue {
  readonly capacity: number;
  #slots: (DeviceMessage | undefined)[];
  #head = 0;
  #length = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#slots = Array.from({ length: Math.min(capacity, 8) });
  }

  get length(): number {
    return this.#length;
  }

  get full(): boolean {
    return this.#length === this.capacity;
  }

  /** Appends a message. The caller MUST check that the queue is not full. */
  push(message: DeviceMessage): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) % this.#slots.length] = message;
    this.#length += 1;
  }

  /** Removes and returns the oldest message. */
  shift(): DeviceMessage | undefined {
    if (this.#length === 0) return undefined;
    const message = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#slots.length;
    this.#length -= 1;
    return message;
  }

  #grow(): void {
    const size = Math.min(this.capacity, this.#slots.length * 2);
    const slots: (DeviceMessage | undefined)[] = Array.from({ length: size });
    for (let i = 0; i < this.#length; i += 1) {
      slots[i] = this.#slots[(this.#head + i) % this.#slots.length];
    }
    this.#slots = slots;
    this.#head = 0;
  }
}
