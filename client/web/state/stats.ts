import { computed, signal } from '@preact/signals';
import { WatchBrokerStatsDocument, type StatsFragment } from 'sluice-client';
import { follow } from './follow.ts';

/** Ten minutes. */
const kept = 600;

/** Why no more of them come. */
export const statsError = signal<string | undefined>(undefined);

/** A snapshot, and the one before it. */
export interface StatsPoint {
  /** Seconds since 1970, as charts have it. */
  readonly time: number;
  readonly stats: StatsFragment;
  /** Undefined for the first one of a gateway that has just started. */
  readonly before: StatsFragment | undefined;
}

/** How much a counter has grown in each second since the snapshot before. */
export function perSecond(
  { stats, before }: StatsPoint,
  count: (of: StatsFragment) => number,
): number {
  const seconds = before === undefined ? 0 : stats.uptimeSeconds - before.uptimeSeconds;
  return before === undefined || seconds <= 0 ? 0 : (count(stats) - count(before)) / seconds;
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
    const point = {
      time: Date.now() / 1000,
      stats: brokerStats,
      before: goesOn ? before.stats : undefined,
    };
    history.value = [...points.slice(goesOn ? 1 - kept : points.length), point];
  },
  (error) => {
    statsError.value = error instanceof Error ? error.message : String(error);
  },
);
