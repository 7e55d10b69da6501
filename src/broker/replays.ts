import type { QueuedSubscription } from './queued-subscription.ts';

export interface Replays {
  /** Adds a subscription that has messages to read from the log and a sink that takes them. */
  add(subscription: QueuedSubscription): void;
}

/** Units (see `replayCost`) of one subscription before the next one has its turn. */
const unitsAtOnce = 32;
/**
 * Units of all subscriptions in one turn of the event loop: when a whole fleet
 * reconnects at once, live messages must not stop. About 500 short messages, or 0.5 MiB
 * of long ones.
 */
const unitsPerTurn = 512;

/** Reads the log for subscriptions that catch up, in turns. */
export function createReplays(): Replays {
  /** The subscriptions, in the order of their turns. */
  const waiting = new Set<QueuedSubscription>();

  function turn(): void {
    let unitsLeft = unitsPerTurn;
    for (const subscription of waiting) {
      if (unitsLeft <= 0) break;
      waiting.delete(subscription);
      const left = subscription.replay(unitsAtOnce);
      // One long message may cost more than the share of its subscription.
      unitsLeft -= unitsAtOnce - Math.min(0, left);
      // Placed after all others: iterating a Set includes what is added meanwhile.
      if (left <= 0) waiting.add(subscription);
    }
    if (waiting.size > 0) setImmediate(turn);
  }

  return {
    add(subscription) {
      if (waiting.size === 0) setImmediate(turn);
      waiting.add(subscription);
    },
  };
}
