import type { DeviceMessage } from '../kernel/device-message.ts';
import type { History } from '../log/history.ts';
import type { Misses, Place } from './place.ts';

/**
 * The cost, in units, of a message that is read from the log: one for its rendering,
 * and one for each KiB of its payload, which is copied and written.
 */
export function replayCost({ payload }: DeviceMessage): number {
  return 1 + payload.length / 1_024;
}

/** How many messages are read from the log at a time. */
const batchSize = 32;

/**
 * What a subscription still has to read from the log before it is live. A device stays
 * here while it is behind. A message that is published for it meanwhile is in the log
 * before it is dispatched, so it is read from there in order: between kept and live
 * messages nothing is lost or repeated. Nothing is copied: a client that stalls while
 * it catches up costs only its places.
 */
export class CatchUp {
  readonly #history: History;
  readonly #places: Map<string, Place>;
  /** Whether only the newest message of each device is read: for a subscription with a minimum interval. */
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

  /**
   * Whether a message that was just published is delivered now; otherwise it is read
   * from the log later.
   */
  admits(message: DeviceMessage, misses: Misses): boolean {
    const place = this.#places.get(message.deviceId);
    if (place === undefined) return true;
    if (!this.#newestOnly && place.missedBefore(message) !== 0) return false;
    this.#places.delete(message.deviceId);
    place.moveTo(message, misses);
    return true;
  }

  /** How many messages were published to the subscription and are not read yet. */
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
    // Moved to the end, so that the other devices have their turn before its next batch.
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
