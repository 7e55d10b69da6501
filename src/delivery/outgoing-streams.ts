import type { Sink } from '../broker/sink.ts';
import type { QueuedSubscription } from '../broker/queued-subscription.ts';
import type { EndReason } from '../kernel/end-reason.ts';
import type { DeviceMessage, Gap } from '../kernel/device-message.ts';
import type { Outbox } from './outbox.ts';
import type { Rendering } from './rendering.ts';

/** A subscription that is sent over one connection. */
export interface OutgoingStream {
  readonly subscription: QueuedSubscription;
  readonly rendering: Rendering;
  /** Renders a gap as a separate frame before its message, for connections that report gaps this way. */
  readonly gaps?: Rendering | undefined;
  /**
   * The bytes before the rendered bytes in each frame of this subscription. Requested
   * once, with its first message: most connections of a large fleet are idle.
   */
  head(): Buffer;
  /** Used instead of `head` when the bytes differ between messages and streams: called for each message. */
  readonly headOf?: ((message: DeviceMessage) => Buffer) | undefined;
  /** Called once when the subscription has ended. */
  ended(reason: EndReason, error: Error | undefined): void;
}

/** Moves the messages of all subscriptions of one connection into its outbox. */
export class OutgoingStreams {
  readonly outbox: Outbox;
  /** The first one has waited longest for its turn. There is no array while none waits. */
  #subscriptions: QueuedSubscription[] = none;
  #emptied: (() => void) | undefined;
  #ended: EndReason | null = null;

  constructor(outbox: Outbox) {
    this.outbox = outbox;
  }

  /** How many subscriptions are open. */
  get size(): number {
    return this.#subscriptions.length;
  }

  /** How many devices its subscriptions name together. */
  get devices(): number {
    let devices = 0;
    for (const { deviceIds } of this.#subscriptions) devices += deviceIds.length;
    return devices;
  }

  /**
   * From now on, the messages of the subscription are sent over this connection. If the
   * connection has ended meanwhile, because opening the subscription took time, the
   * subscription ends at once.
   */
  add(stream: OutgoingStream): void {
    const { subscription } = stream;
    if (this.#ended !== null) subscription.end(this.#ended);
    // An array literal has room for one item; `push` would allocate room for sixteen more.
    if (this.#subscriptions.length === 0) this.#subscriptions = [subscription];
    else this.#subscriptions.push(subscription);
    subscription.attach(new OutboxSink(this, stream));
  }

  /** Called by its sink once a subscription has ended. */
  remove(subscription: QueuedSubscription): void {
    this.#subscriptions = this.#subscriptions.filter((each) => each !== subscription);
  }

  /** The socket has room again. */
  socketDrained(): void {
    this.outbox.drained();
    for (const subscription of this.#subscriptions.filter(({ waits }) => waits)) {
      if (!this.outbox.writable) break;
      // Moved to the end, so that the others have their turn first next time.
      const index = this.#subscriptions.indexOf(subscription);
      if (index !== -1) this.#subscriptions.push(...this.#subscriptions.splice(index, 1));
      subscription.feedSink();
    }
    this.tellWhenEmpty();
  }

  /** Calls back once, as soon as no message waits in a queue. Does not call back if `end` comes first. */
  whenEmpty(emptied: () => void): void {
    this.#emptied = emptied;
    this.tellWhenEmpty();
  }

  /** Ends all its subscriptions, and every later one. */
  end(reason: EndReason, error?: Error): void {
    this.#ended ??= reason;
    this.#emptied = undefined;
    for (const subscription of this.#subscriptions) subscription.end(reason, error);
  }

  tellWhenEmpty(): void {
    const emptied = this.#emptied;
    if (emptied === undefined) return;
    for (const subscription of this.#subscriptions) if (subscription.queued > 0) return;
    this.#emptied = undefined;
    emptied();
  }
}

const none: QueuedSubscription[] = [];
const noBytes = Buffer.alloc(0);

class OutboxSink implements Sink {
  readonly #outbox: Outbox;
  readonly #rendering: Rendering;
  readonly #streams: OutgoingStreams;
  readonly #stream: OutgoingStream;
  readonly #headOf: ((message: DeviceMessage) => Buffer) | undefined;
  #head: Buffer | undefined;

  constructor(streams: OutgoingStreams, stream: OutgoingStream) {
    this.#outbox = streams.outbox;
    this.#rendering = stream.rendering;
    this.#streams = streams;
    this.#stream = stream;
    this.#headOf = stream.headOf;
  }

  get writable(): boolean {
    return this.#outbox.writable;
  }

  write(message: DeviceMessage, gap: Gap | null, queued: boolean): void {
    if (gap !== null) this.#tell(message, gap);
    const head =
      this.#headOf === undefined ? (this.#head ??= this.#stream.head()) : this.#headOf(message);
    this.#outbox.push(head, this.#rendering.bytes(message, gap, queued));
  }

  #tell(message: DeviceMessage, gap: Gap): void {
    const { gaps } = this.#stream;
    if (gaps !== undefined) this.#outbox.push(noBytes, gaps.bytes(message, gap, false));
  }

  end(reason: EndReason, error: Error | undefined): void {
    this.#streams.remove(this.#stream.subscription);
    this.#stream.ended(reason, error);
    this.#streams.tellWhenEmpty();
  }
}
