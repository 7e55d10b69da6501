import type { QueuedSubscription } from './queued-subscription.ts';

export interface Replays {
  /** It has messages to read from the log, and somebody to give them to. */
  add(subscription: QueuedSubscription): void;
}

/** Units (see `replayCost`) of one subscription, before it is the next one's turn. */
const unitsAtOnce = 32;
/**
 * Units of all subscriptions in a turn of the event loop: a fleet that comes back at
 * once must not stop the live messages. Some 500 short messages, or 0.5 MiB of long ones.
 */
const unitsPerTurn = 512;

/** Reads the log for subscriptions that catch up, in turns. */
export function createReplays(): Replays {
  /** In the order of their turns. */
  const waiting = new Set<QueuedSubscription>();

  function turn(): void {
    let unitsLeft = unitsPerTurn;
    for (const subscription of waiting) {
      if (unitsLeft <= 0) break;
      waiting.delete(subscription);
      const left = subscription.replay(unitsAtOnce);
      // One long message may cost more than the share of its subscription.
      unitsLeft -= unitsAtOnce - Math.min(0, left);
      // Behind all others: a Set walks what is added while it is walked.
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
