import type { DeviceMessage } from '../kernel/device-message.ts';
import type { History } from '../log/history.ts';
import type { Misses, Place } from './place.ts';

/**
 * What a message costs that is read from the log, in units: its rendering, and
 * a unit for each KiB of its payload, which is copied and written.
 */
export function replayCost({ payload }: DeviceMessage): number {
  return 1 + payload.length / 1_024;
}

/** So many messages are read from the log at a time. */
const batchSize = 32;

/**
 * What a subscription has yet to read of the log before it is live. A device is
 * in here for as long as it is behind; what is published of it meanwhile is in
 * the log before it is dispatched, so it is read from there in its turn, and
 * the seam has neither a hole nor a repeat. Nothing is copied: a client that
 * stalls while it catches up costs its places.
 */
export class CatchUp {
  readonly #history: History;
  readonly #places: Map<string, Place>;
  /** Only the newest message of each device, for a subscription that takes no more than one in an interval. */
  readonly #newestOnly: boolean;
  #batch: readonly DeviceMessage[] = [];
  #read = 0;

  constructor(history: History, places: Map<string, Place>, newestOnly: boolean) {
    this.#history = history;
    this.#places = places;
    this.#newestOnly = newestOnly;
  }

  /** The next message to deliver; undefined when every device has caught up. */
  next(misses: Misses): DeviceMessage | undefined {
    for (;;) {
      const message = this.#batch[this.#read];
      if (message !== undefined) {
        this.#read += 1;
        this.#places.get(message.deviceId)!.moveTo(message, misses);
        return message;
      }
      const first = this.#places.entries().next();
      if (first.done === true) return undefined;
      this.#readBatch(...first.value, misses);
    }
  }

  /** Whether a message that was just published is for the subscription now; otherwise it will be read from the log. */
  admits(message: DeviceMessage, misses: Misses): boolean {
    const place = this.#places.get(message.deviceId);
    if (place === undefined) return true;
    if (!this.#newestOnly && place.missedBefore(message) !== 0) return false;
    this.#places.delete(message.deviceId);
    place.moveTo(message, misses);
    return true;
  }

  /** How many messages were published to the subscription that it has not read. */
  get unread(): number {
    if (this.#newestOnly) return 0;
    let count = 0;
    for (const [deviceId, place] of this.#places) {
      count += place.owedUpTo(this.#history.lastSequence(deviceId));
    }
    return count;
  }

  #readBatch(deviceId: string, place: Place, misses: Misses): void {
    const history = this.#history;
    // To the end, so that the other devices have their turn before its next batch.
    this.#places.delete(deviceId);
    const last = history.lastSequence(deviceId);
    const expired = Math.min(history.oldestKept(deviceId) - 1, last) - place.sequence;
    if (expired > 0) {
      misses.missed(deviceId, 'HISTORY_EXPIRED', expired);
      place.skip(expired);
    }
    const conflated = last - 1 - place.sequence;
    if (this.#newestOnly && conflated > 0) {
      misses.missed(deviceId, 'CONFLATED', conflated);
      place.skip(conflated);
    }
    if (place.sequence >= last) {
      place.tellInterruption(deviceId, history.interruptionAt(deviceId, last + 1), misses);
      return;
    }
    this.#places.set(deviceId, place);
    this.#batch = history.readAfter(deviceId, place.sequence, this.#newestOnly ? 1 : batchSize);
    this.#read = 0;
  }
}
