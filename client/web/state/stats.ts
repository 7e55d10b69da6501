import { computed, signal } from '@preact/signals';
import {
  WatchBrokerStatsDocument,
  type DropReason,
  type StatsFragment,
} from '../../generated/graphql.ts';
import { follow } from './follow.ts';

/** Ten minutes. */
const kept = 600;

/** Why no more of them come. */
export const statsError = signal<string | undefined>(undefined);

/** A snapshot, and what went by each second since the one before. */
export interface StatsPoint {
  /** Seconds since 1970, as charts have it. */
  readonly time: number;
  readonly stats: StatsFragment;
  readonly inPerS: number;
  readonly deliveredPerS: number;
  readonly droppedPerSByReason: ReadonlyMap<DropReason, number>;
  readonly conflatedPerS: number;
  readonly rejectedPerS: number;
}

export const history = signal<readonly StatsPoint[]>([]);
export const latest = computed(() => history.value.at(-1));

follow(
  (client) => client.subscribe(WatchBrokerStatsDocument, { intervalMs: 1_000 }),
  ({ brokerStats }) => {
    statsError.value = undefined;
    const points = history.peek();
    const before = points.at(-1);
    // The gateway was restarted: its counters began anew.
    const goesOn = before !== undefined && before.stats.uptimeSeconds <= brokerStats.uptimeSeconds;
    const point = pointOf(brokerStats, goesOn ? before.stats : undefined);
    history.value = [...points.slice(goesOn ? 1 - kept : points.length), point];
  },
  (error) => {
    statsError.value = error instanceof Error ? error.message : String(error);
  },
);

function pointOf(stats: StatsFragment, before: StatsFragment | undefined): StatsPoint {
  const seconds = before === undefined ? 0 : stats.uptimeSeconds - before.uptimeSeconds;
  const rate = (count: (of: StatsFragment) => number): number =>
    before === undefined || seconds <= 0 ? 0 : (count(stats) - count(before)) / seconds;
  return {
    time: Date.now() / 1000,
    stats,
    inPerS: rate((of) => of.totalMessagesProcessed),
    deliveredPerS: rate((of) => of.messagesDelivered),
    droppedPerSByReason: new Map(
      stats.messagesDroppedByReason.map(({ reason }, i) => [
        reason,
        rate((of) => of.messagesDroppedByReason[i]?.count ?? 0),
      ]),
    ),
    conflatedPerS: rate((of) => of.messagesConflated),
    rejectedPerS: rate((of) => of.messagesRejected),
  };
}
