import type { Caller } from '../kernel/caller.ts';
import type { DeviceMessage, Gap, GapReason } from '../kernel/device-message.ts';
import { replayCost, type CatchUp } from './catch-up.ts';
import type { Misses } from './place.ts';
import type { Counters, TransportCounters } from '../metrics/counters.ts';
import type { DropReason } from '../kernel/drop-reason.ts';
import type { EndReason } from '../kernel/end-reason.ts';
import { asError, SlowConsumerError } from './errors.ts';
import type { Position } from '../log/position.ts';
import { Backlog, tellsInterruption, type BacklogOwner } from './backlog.ts';
import type { Listener } from './listener.ts';
import type { OverflowPolicy } from './overflow-policy.ts';
import type { Sink } from './sink.ts';
import type { Delivery, Subscription } from './subscription.ts';

export interface SubscriptionOptions {
  /** The devices, without duplicates; at least one. */
  readonly deviceIds: readonly string[];
  readonly overflow: OverflowPolicy;
  /** How many messages the queue holds. */
  readonly maxQueued: number;
  /** At most one message of a device per interval of this length; 0: all messages. */
  readonly minIntervalMs: number;
  readonly caller: Caller;
  /**
   * The newest interruption of the source before the subscription was opened: only
   * later ones are reported.
   */
  readonly interruption: number;
  /** The positions after which it begins, in the order of `deviceIds`. */
  readonly starts: readonly Position[];
  /** What it has to read from the log before it is live; null when there is nothing. */
  readonly catchUp: CatchUp | null;
}

/** What a subscription needs of the broker that opened it. */
export interface SubscriptionHost {
  readonly counters: Counters;
  /** The subscription has ended: the broker forgets it. Called once. */
  closed(subscription: QueuedSubscription, reason: EndReason, error: Error | undefined): void;
  /**
   * The subscription dropped `count` messages; 0 when unknown. Called for each drop, so
   * it MUST be cheap.
   */
  droppedBy(subscription: QueuedSubscription, reason: DropReason, count: number): void;
  /**
   * The subscription has messages to read from the log, and a sink to write them to:
   * its `replay` MUST be called soon.
   */
  replays(subscription: QueuedSubscription): void;
  /** The sink threw when it was told of the end. */
  sinkFailed(subscription: QueuedSubscription, error: Error): void;
}

interface Waiting {
  readonly resolve: (result: IteratorResult<Delivery, undefined>) => void;
  readonly reject: (error: Error) => void;
}

const oneConsumer = 'a subscription has one consumer: it is already being read';

/**
 * One subscription: a bounded queue between dispatch and one consumer. The consumer
 * either pulls (it is an async iterator) or attaches a sink, which gets messages
 * directly from dispatch while it is writable.
 *
 * It is written by hand because `return()` of an async generator does not settle while
 * a `next()` is pending: on an idle device, unsubscribing would hang.
 */
export class QueuedSubscription implements Subscription, Listener, Misses, BacklogOwner {
  readonly deviceIds: readonly string[];
  readonly overflow: OverflowPolicy;
  readonly maxQueued: number;
  readonly minIntervalMs: number;
  readonly caller: Caller;
  readonly interruption: number;
  /** How many messages it has dropped since it began. */
  dropped = 0;

  readonly #host: SubscriptionHost;
  /** The counters of its transport. */
  readonly #counters: TransportCounters;
  readonly #starts: readonly Position[];
  #catchUp: CatchUp | null;
  /** Null while the subscription is open. Set once. */
  #ended: EndReason | null = null;
  /** The waiting messages and the unreported losses; null while there are neither. */
  #backlog: Backlog | null = null;
  #sink: Sink | null = null;
  /** Pending calls of `next()`; null when there is a sink, which is the usual case. */
  #waiting: Waiting[] | null = null;
  /** Thrown by the first `next()` after the end; later calls return `done`. */
  #failure: Error | undefined;

  constructor(host: SubscriptionHost, options: SubscriptionOptions) {
    this.#host = host;
    this.#counters = host.counters.byTransport[options.caller.transport];
    this.deviceIds = options.deviceIds;
    this.overflow = options.overflow;
    this.maxQueued = options.maxQueued;
    this.minIntervalMs = options.minIntervalMs;
    this.caller = options.caller;
    this.interruption = options.interruption;
    this.#starts = options.starts;
    this.#catchUp = options.catchUp;
  }

  get ended(): boolean {
    return this.#ended !== null;
  }

  get begins(): ReadonlyMap<string, Position> {
    return new Map(this.deviceIds.map((deviceId, i) => [deviceId, this.#starts[i]!]));
  }

  get queued(): number {
    return this.#backlog === null ? 0 : this.#backlog.length;
  }

  /** Whether messages wait for the sink to be writable. */
  get waits(): boolean {
    return this.queued > 0 || this.#catchUp !== null;
  }

  /**
   * Takes a message from dispatch: directly to the consumer when it can take it,
   * otherwise into the queue.
   */
  push(message: DeviceMessage): void {
    if (this.#ended !== null) return;
    if (this.#catchUp !== null && !this.#catchUp.admits(message, this)) return;
    if (this.#backlog === null || this.#backlog.length === 0) {
      if (this.#sink !== null) {
        if (this.#sink.writable) {
          this.#counters.delivered += 1;
          this.#sink.write(message, this.#takeGap(message), false);
          return;
        }
      } else if (this.#waiting !== null && this.#waiting.length > 0) {
        const { resolve } = this.#waiting.shift()!;
        this.#counters.delivered += 1;
        resolve({ value: withGap(message, this.#takeGap(message)), done: false });
        return;
      }
    }
    this.#enqueue(message);
  }

  /**
   * Sends the queue, and everything after it, to the sink. At most once, and never
   * together with `next()`.
   */
  attach(sink: Sink): void {
    if (this.#sink !== null || (this.#waiting !== null && this.#waiting.length > 0)) {
      throw new TypeError(oneConsumer);
    }
    this.#sink = sink;
    if (this.#ended !== null) this.#tell(sink, this.#ended, this.#failure);
    else this.feedSink();
  }

  /**
   * Moves queued messages to the sink while it is writable, and then continues with
   * what it reads from the log.
   */
  feedSink(): void {
    const sink = this.#sink;
    if (sink === null) return;
    this.#feedQueued(sink);
    if (this.#catchUp !== null && this.#ended === null && sink.writable) this.#host.replays(this);
  }

  /**
   * Moves messages from the log to the sink until they have cost `units` (see
   * `replayCost`) or the sink is not writable; at least one message. Returns the units
   * that are left: at 0 or less, there may be more messages that the sink would take.
   */
  replay(units: number): number {
    const sink = this.#sink;
    let left = units;
    while (left > 0) {
      if (sink === null || this.#catchUp === null || !sink.writable) return left;
      const message = this.#nextKept();
      if (message === undefined) return left;
      left -= replayCost(message);
      this.#writeTo(sink, message, this.#takeGap(message));
    }
    return left;
  }

  /**
   * Records messages that will not be delivered: the next message of that device
   * reports them to the client.
   */
  missed(deviceId: string, reason: GapReason, count: number | null): void {
    if (this.#ended !== null) return;
    this.#backlogOf().missed(deviceId, reason, count);
    if (reason === 'CONFLATED') this.#host.counters.conflated += count ?? 0;
    if (reason !== 'HISTORY_EXPIRED') return;
    this.dropped += count ?? 0;
    this.#host.counters.dropped.HISTORY_EXPIRED += count ?? 0;
    this.#host.droppedBy(this, reason, count ?? 0);
  }

  /** Called by the backlog when the queue was full and one message was dropped. */
  overflowed(): void {
    this.dropped += 1;
    this.#host.counters.dropped.QUEUE_OVERFLOW += 1;
    this.#host.droppedBy(this, 'QUEUE_OVERFLOW', 1);
  }

  #feedQueued(sink: Sink): void {
    const backlog = this.#backlog;
    if (backlog === null) return;
    while (sink.writable) {
      const message = backlog.shift();
      if (message === undefined) return;
      if (!this.#writeTo(sink, message, backlog.gapBeforeQueued(message))) return;
    }
  }

  /** Returns false when the sink threw and the subscription has ended. */
  #writeTo(sink: Sink, message: DeviceMessage, gap: Gap | null): boolean {
    this.#counters.delivered += 1;
    try {
      sink.write(message, gap, true);
      return true;
    } catch (error) {
      // The caller has other sinks to feed, so the error must not reach it.
      this.end('INTERNAL_ERROR', asError(error));
      return false;
    }
  }

  /** The next message from the log. When there is none: undefined, and the subscription is live. */
  #nextKept(): DeviceMessage | undefined {
    const message = this.#catchUp?.next(this);
    if (message === undefined) this.#catchUp = null;
    return message;
  }

  next(): Promise<IteratorResult<Delivery, undefined>> {
    if (this.#sink !== null) return Promise.reject(new TypeError(oneConsumer));
    const message = this.#backlog?.shift();
    if (message !== undefined) {
      this.#counters.delivered += 1;
      const gap = this.#backlog!.gapBeforeQueued(message);
      return Promise.resolve({ value: withGap(message, gap), done: false });
    }
    const kept = this.#nextKept();
    if (kept !== undefined) {
      this.#counters.delivered += 1;
      return Promise.resolve({ value: withGap(kept, this.#takeGap(kept)), done: false });
    }
    if (this.#ended !== null) {
      const failure = this.#failure;
      this.#failure = undefined;
      return failure === undefined
        ? Promise.resolve({ value: undefined, done: true })
        : Promise.reject(failure);
    }
    return new Promise((resolve, reject) => {
      (this.#waiting ??= []).push({ resolve, reject });
    });
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.end('CLIENT_COMPLETED');
    return Promise.resolve({ value: undefined, done: true });
  }

  throw(error?: unknown): Promise<IteratorResult<Delivery, undefined>> {
    this.end('INTERNAL_ERROR');
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  /**
   * Ends the subscription; only the first call has an effect. A waiting `next()`
   * settles at once, queued messages count as dropped, and nothing is delivered
   * afterwards.
   */
  end(reason: EndReason, error?: Error): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    if (this.#backlog !== null) {
      this.#host.counters.dropped.SUBSCRIPTION_ENDED += this.#backlog.discard();
      this.#backlog = null;
    }
    if (this.#catchUp !== null) {
      this.#host.counters.dropped.SUBSCRIPTION_ENDED += this.#catchUp.unread;
      this.#catchUp = null;
    }
    this.#host.closed(this, reason, error);
    this.#failure = error;
    if (this.#sink !== null) this.#tell(this.#sink, reason, error);
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const { resolve, reject } of waiting) {
      if (this.#failure === undefined) resolve({ value: undefined, done: true });
      else {
        reject(this.#failure);
        this.#failure = undefined;
      }
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /**
   * Tells the sink about the end. The caller may be dispatching and has other
   * subscriptions to serve, so an error of the sink must not reach it.
   */
  #tell(sink: Sink, reason: EndReason, error: Error | undefined): void {
    try {
      sink.end(reason, error);
    } catch (thrown) {
      this.#host.sinkFailed(this, asError(thrown));
    }
  }

  #enqueue(message: DeviceMessage): void {
    if (this.#backlogOf().push(message)) return;
    this.end('SLOW_CONSUMER', new SlowConsumerError(this.maxQueued));
  }

  #backlogOf(): Backlog {
    return (this.#backlog ??= new Backlog(this, this.#host.counters));
  }

  /** The gap directly before a message that did not wait. The gap then counts as reported. */
  #takeGap(message: DeviceMessage): Gap | null {
    if (this.#backlog !== null) return this.#backlog.gapBefore(message);
    if (!tellsInterruption(message, this.interruption)) return null;
    return this.#backlogOf().gapBefore(message);
  }
}

function withGap(message: DeviceMessage, gap: Gap | null): Delivery {
  return gap === null ? message : { ...message, gap };
}
