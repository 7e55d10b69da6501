import type { Sink } from '../broker/sink.ts';
import type { Subscription } from '../broker/subscription.ts';
import type { EndReason } from '../broker/end-reason.ts';
import type { DeviceMessage, Gap } from '../device-message.ts';
import type { Outbox } from './outbox.ts';
import type { Rendering } from './rendering.ts';

export interface PumpRequest {
  readonly subscription: Subscription;
  readonly rendering: Rendering;
  /** What stands before the rendered bytes in each frame of this subscription. Asked once, with its first message. */
  readonly head: () => Buffer;
  /** Called once when the subscription has ended. */
  readonly ended: (reason: EndReason, error: Error | undefined) => void;
}

/** Moves the messages of all subscriptions of one connection into its outbox. */
export class Pump {
  readonly #outbox: Outbox;
  readonly #subscriptions = new Set<Subscription>();
  #emptied: (() => void) | undefined;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** How many subscriptions are open. */
  get size(): number {
    return this.#subscriptions.size;
  }

  /** From here on the subscription's messages leave by this connection. */
  add({ subscription, rendering, head, ended }: PumpRequest): void {
    this.#subscriptions.add(subscription);
    subscription.attach(
      new OutboxSink(this.#outbox, head, rendering, (reason, error) => {
        this.#subscriptions.delete(subscription);
        ended(reason, error);
        this.#tellWhenEmpty();
      }),
    );
  }

  /** The socket has room again. */
  drained(): void {
    this.#outbox.drained();
    const waiting: Subscription[] = [];
    for (const subscription of this.#subscriptions) {
      if (subscription.queued > 0) waiting.push(subscription);
    }
    for (const subscription of waiting) {
      if (!this.#outbox.writable) break;
      // To the end, so that next time the others have their turn first.
      this.#subscriptions.delete(subscription);
      this.#subscriptions.add(subscription);
      subscription.pump();
    }
    this.#tellWhenEmpty();
  }

  /** Calls back once, as soon as no message waits in a queue. Not if `end` comes first. */
  whenEmpty(emptied: () => void): void {
    this.#emptied = emptied;
    this.#tellWhenEmpty();
  }

  /** Ends all its subscriptions. */
  end(reason: EndReason, error?: Error): void {
    this.#emptied = undefined;
    for (const subscription of this.#subscriptions) subscription.end(reason, error);
  }

  #tellWhenEmpty(): void {
    const emptied = this.#emptied;
    if (emptied === undefined) return;
    for (const subscription of this.#subscriptions) if (subscription.queued > 0) return;
    this.#emptied = undefined;
    emptied();
  }
}

class OutboxSink implements Sink {
  readonly #outbox: Outbox;
  /** Made when it is first needed: most connections of a large fleet are idle. */
  #head: Buffer | (() => Buffer);
  readonly #rendering: Rendering;
  readonly end: (reason: EndReason, error: Error | undefined) => void;

  constructor(
    outbox: Outbox,
    head: () => Buffer,
    rendering: Rendering,
    end: (reason: EndReason, error: Error | undefined) => void,
  ) {
    this.#outbox = outbox;
    this.#head = head;
    this.#rendering = rendering;
    this.end = end;
  }

  get writable(): boolean {
    return this.#outbox.writable;
  }

  write(message: DeviceMessage, gap: Gap | null, queued: boolean): void {
    if (typeof this.#head === 'function') this.#head = this.#head();
    this.#outbox.push(this.#head, this.#rendering.bytes(message, gap, queued));
  }
}
