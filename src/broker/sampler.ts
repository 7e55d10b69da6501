import type { DeviceMessage } from '../kernel/device-message.ts';
import type { Place } from './place.ts';
import type { Counters } from '../metrics/counters.ts';
import type { EndReason } from '../kernel/end-reason.ts';
import { asError } from './errors.ts';
import type { IntervalWheel, Waking } from './interval-wheel.ts';
import type { Listener } from './listener.ts';
import type { QueuedSubscription } from './queued-subscription.ts';

/**
 * Represents all subscriptions that ask for at most one message of a device in the same
 * interval. A message that arrives after a silent interval is delivered at once, and
 * starts the next interval. Of the messages that arrive during an interval, the newest
 * is delivered at its end. Every other message costs one assignment, regardless of the
 * number of subscriptions.
 */
export class Sampler implements Listener, Waking {
  readonly #deviceId: string;
  readonly #intervalMs: number;
  readonly #wheel: IntervalWheel;
  readonly #counters: Counters;
  readonly #places = new Map<QueuedSubscription, Place>();
  #newest: DeviceMessage | null = null;
  #waits = false;

  constructor(deviceId: string, intervalMs: number, wheel: IntervalWheel, counters: Counters) {
    this.#deviceId = deviceId;
    this.#intervalMs = intervalMs;
    this.#wheel = wheel;
    this.#counters = counters;
  }

  get empty(): boolean {
    return this.#places.size === 0;
  }

  add(subscription: QueuedSubscription, place: Place): void {
    this.#places.set(subscription, place);
  }

  /**
   * Removes a subscription. The message that it was still to get counts as dropped; the
   * messages that this one replaced count as conflated.
   */
  remove(subscription: QueuedSubscription): void {
    const place = this.#places.get(subscription);
    if (place === undefined) return;
    this.#places.delete(subscription);
    const owed = this.#newest === null ? 0 : place.owedUpTo(this.#newest.sequence);
    if (owed > 0) {
      this.#counters.dropped.SUBSCRIPTION_ENDED += 1;
      this.#counters.conflated += owed - 1;
    }
    if (this.empty) this.#newest = null;
  }

  push(message: DeviceMessage): void {
    if (this.#waits) {
      this.#newest = message;
      return;
    }
    this.#waits = true;
    this.#wheel.wake(this, this.#intervalMs);
    this.#hand(message);
  }

  wake(): void {
    const message = this.#newest;
    if (message === null || this.empty) {
      this.#waits = false;
      return;
    }
    this.#newest = null;
    this.#wheel.wake(this, this.#intervalMs);
    this.#hand(message);
  }

  end(reason: EndReason, error?: Error): void {
    for (const subscription of this.#places.keys()) subscription.end(reason, error);
  }

  #hand(message: DeviceMessage): void {
    for (const [subscription, place] of this.#places) {
      const conflated = place.missedBefore(message);
      // The subscription may have read this message from the log already.
      if (conflated < 0) continue;
      if (conflated > 0) subscription.missed(this.#deviceId, 'CONFLATED', conflated);
      place.moveTo(message, subscription);
      try {
        subscription.push(message);
      } catch (error) {
        subscription.end('INTERNAL_ERROR', asError(error));
      }
    }
  }
}
