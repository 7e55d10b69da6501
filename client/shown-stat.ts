import type { StatsFragment } from './generated/graphql.ts';

/** A row of a table or a tile, as `npm run codegen` writes them from the catalogue of metrics. */
export interface ShownStat {
  readonly name: keyof StatsFragment | keyof StatsFragment['process'];
  readonly title: string;
  readonly kind: 'counter' | 'gauge' | 'info';
  readonly unit: 'bytes' | 'milliseconds' | 'seconds' | 'count' | 'none';
  /** Of a breakdown, the sum. */
  readonly read: (stats: StatsFragment) => number | boolean | string;
  /** The same by reason or by transport. */
  readonly counts?: (stats: StatsFragment) => ReadonlyMap<string, number>;
}
