import type { Subscription } from './subscription.ts';

export interface Replays {
  /** It has messages to read from the log, and somebody to give them to. */
  add(subscription: Subscription): void;
}

/** Of one subscription, before it is the next one's turn. */
const atOnce = 32;
/** Of all subscriptions in a turn of the event loop: a fleet that comes back at once must not stop the live messages. */
const perTurn = 512;

/** Reads the log for subscriptions that catch up, in turns. */
export function createReplays(): Replays {
  /** In the order of their turns. */
  const waiting = new Set<Subscription>();

  function turn(): void {
    let left = perTurn;
    for (const subscription of waiting) {
      if (left <= 0) break;
      left -= atOnce;
      waiting.delete(subscription);
      // Behind all others: a Set walks what is added while it is walked.
      if (subscription.replay(atOnce)) waiting.add(subscription);
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
