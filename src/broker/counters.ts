import { endReasons, type EndReason } from './end-reason.ts';

/** Why a message was not delivered to a subscription. */
export const dropReasons = [
  /** The queue was full and its policy refused the message or made room. */
  'QUEUE_OVERFLOW',
  /** It still waited in the queue, or to be read from the history, when the subscription ended. */
  'SUBSCRIPTION_ENDED',
  /** The subscription asked for it by position, and it was not kept any more. */
  'HISTORY_EXPIRED',
] as const;
export type DropReason = (typeof dropReasons)[number];

/**
 * Plain numbers that the hot path adds to; whoever reports reads them. All but
 * `queued` and `activeSubscribers` only grow. For every subscription that does not
 * wait for anything but its queue: delivered + dropped + conflated + queued =
 * published to it, and what was to be replayed.
 */
export interface Counters {
  processed: number;
  delivered: number;
  conflated: number;
  queued: number;
  activeSubscribers: number;
  readonly dropped: Record<DropReason, number>;
  readonly ended: Record<EndReason, number>;
}

export function createCounters(): Counters {
  return {
    processed: 0,
    delivered: 0,
    conflated: 0,
    queued: 0,
    activeSubscribers: 0,
    dropped: zeroes(dropReasons),
    ended: zeroes(endReasons),
  };
}

/** The sum of a record of counts. */
export function total(counts: Readonly<Record<string, number>>): number {
  let sum = 0;
  for (const count of Object.values(counts)) sum += count;
  return sum;
}

export function zeroes<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}
