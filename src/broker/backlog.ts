import type { DeviceMessage, Gap, GapReason } from '../kernel/device-message.ts';
import type { Counters } from '../metrics/counters.ts';
import { LatestQueue } from './latest-queue.ts';
import { MessageQueue } from './message-queue.ts';
import { Missed } from './missed.ts';
import type { OverflowPolicy } from './overflow-policy.ts';

/** The subscription whose messages wait. */
export interface BacklogOwner {
  readonly overflow: OverflowPolicy;
  /** How many messages the queue holds. */
  readonly maxQueued: number;
  /**
   * The newest interruption of the source before the subscription began: it is not
   * reported to the client.
   */
  readonly interruption: number;
  /** Called when the queue was full and one message was dropped. */
  overflowed(): void;
}

/**
 * The bounded queue of one subscription, and the losses that its client has not been
 * told yet. Created when a message has to wait or was missed: a subscription that keeps
 * up has none.
 */
export class Backlog {
  readonly #owner: BacklogOwner;
  readonly #counters: Counters;
  #queue: MessageQueue | LatestQueue | null = null;
  /** Losses that no message has reported yet. */
  #missed: Missed | null = null;
  /** Gaps of queued messages. Under DROP_NEWEST a gap belongs to the message that was queued after it. */
  #gaps: Map<DeviceMessage, Gap> | null = null;

  constructor(owner: BacklogOwner, counters: Counters) {
    this.#owner = owner;
    this.#counters = counters;
  }

  /** How many messages wait. */
  get length(): number {
    return this.#queue === null ? 0 : this.#queue.length;
  }

  /** Whether no message waits and no loss is unreported. */
  get empty(): boolean {
    return this.length === 0 && this.#missed === null;
  }

  /**
   * Queues a message according to the policy. False when the policy is DISCONNECT and
   * the queue is full.
   */
  push(message: DeviceMessage): boolean {
    let queue = this.#queue;
    if (queue instanceof LatestQueue && queue.length > 0) {
      this.#pushLatest(queue, message);
      return true;
    }
    if (queue === null || queue instanceof LatestQueue) {
      // An emptied LATEST queue keeps every message again until it is full.
      queue = new MessageQueue(this.#owner.maxQueued);
      this.#queue = queue;
    }
    const { overflow } = this.#owner;
    if (queue.full) {
      switch (overflow) {
        case 'DROP_NEWEST':
          this.#drop(message);
          return true;
        case 'DROP_OLDEST': {
          const oldest = queue.shift()!;
          this.#counters.queued -= 1;
          this.#drop(oldest);
          break;
        }
        case 'LATEST':
          this.#pushLatest(this.#keepLatest(queue), message);
          return true;
        case 'DISCONNECT':
          // The message is not in the queue, so it is counted here and not by `discard`.
          this.#drop(message);
          return false;
      }
    }
    if (overflow === 'DROP_NEWEST') {
      const gap = this.gapBefore(message);
      if (gap !== null) (this.#gaps ??= new Map()).set(message, gap);
    }
    queue.push(message);
    this.#counters.queued += 1;
    return true;
  }

  /** Removes and returns the oldest waiting message; undefined when none waits. */
  shift(): DeviceMessage | undefined {
    const message = this.#queue?.shift();
    if (message === undefined) {
      // Frees the queue's memory until the next stall.
      this.#queue = null;
      return undefined;
    }
    this.#counters.queued -= 1;
    return message;
  }

  /** Drops the waiting messages and the unreported losses. Returns how many messages waited. */
  discard(): number {
    const { length } = this;
    this.#counters.queued -= length;
    this.#queue = null;
    this.#missed = null;
    this.#gaps = null;
    return length;
  }

  /**
   * Records that messages of this device were missed: its next message reports them.
   * `count` is null when unknown.
   */
  missed(deviceId: string, reason: GapReason, count: number | null): void {
    (this.#missed ??= new Missed()).add(deviceId, reason, count);
  }

  /** The gap directly before this message, which did not wait. The gap then counts as reported. */
  gapBefore(message: DeviceMessage): Gap | null {
    this.#noteInterruption(message);
    const missed = this.#missed;
    if (missed === null) return null;
    const gap = missed.take(message);
    if (missed.empty) this.#missed = null;
    return gap;
  }

  /** The gap directly before a message that `shift` has returned. */
  gapBeforeQueued(message: DeviceMessage): Gap | null {
    if (this.#owner.overflow !== 'DROP_NEWEST') return this.gapBefore(message);
    // Under DROP_NEWEST, pending losses come after everything that was queued.
    const gap = this.#gaps?.get(message);
    if (gap === undefined) return null;
    this.#gaps!.delete(message);
    if (this.#gaps!.size === 0) this.#gaps = null;
    return gap;
  }

  /** Turns a full queue into one that holds the newest message of each device. */
  #keepLatest(queue: MessageQueue): LatestQueue {
    const latest = new LatestQueue();
    for (let message = queue.shift(); message !== undefined; message = queue.shift()) {
      const replaced = latest.push(message);
      if (replaced !== undefined) this.#conflate(replaced);
    }
    this.#queue = latest;
    return latest;
  }

  #pushLatest(queue: LatestQueue, message: DeviceMessage): void {
    const replaced = queue.push(message);
    this.#counters.queued += 1;
    if (replaced !== undefined) this.#conflate(replaced);
    else if (queue.length > this.#owner.maxQueued) {
      // More devices than slots: even the newest message of each does not fit.
      const oldest = queue.shift()!;
      this.#counters.queued -= 1;
      this.#drop(oldest);
    }
  }

  #conflate(message: DeviceMessage): void {
    this.#counters.queued -= 1;
    this.#counters.conflated += 1;
    this.#noteInterruption(message);
    this.missed(message.deviceId, 'CONFLATED', 1);
  }

  #drop(message: DeviceMessage): void {
    this.#noteInterruption(message);
    this.missed(message.deviceId, 'QUEUE_OVERFLOW', 1);
    this.#owner.overflowed();
  }

  /** Records an interruption at the first message after it, or at the next one when that is dropped. */
  #noteInterruption(message: DeviceMessage): void {
    if (tellsInterruption(message, this.#owner.interruption)) {
      this.missed(message.deviceId, 'SOURCE_INTERRUPTED', null);
    }
  }
}

/** Whether the message is the first of its device after an interruption that is newer than `known`. */
export function tellsInterruption(
  { sequence, interruptedAt, interruption }: DeviceMessage,
  known: number,
): boolean {
  return interruptedAt === sequence && interruption > known;
}
