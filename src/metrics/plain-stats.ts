import type { BrokerStats } from './broker-stats.ts';
import { snakeCase } from './metric.ts';

/** The snapshot in snake_case, for the stats endpoint of the plain stream. */
export function plainStats(stats: BrokerStats): Record<string, unknown> {
  return inSnakeCase(stats);
}

function inSnakeCase(members: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]: [string, unknown]) => [
      snakeCase(name),
      plain(value),
    ]),
  );
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return byLabel(value as LabelledCount[]);
  return typeof value === 'object' && value !== null ? inSnakeCase(value) : value;
}

type LabelledCount = { readonly count: number } & (
  | { readonly reason: string }
  | { readonly transport: string }
);

function byLabel(counts: readonly LabelledCount[]): Record<string, number> {
  return Object.fromEntries(
    counts.map((each) => [
      ('reason' in each ? each.reason : each.transport).toLowerCase(),
      each.count,
    ]),
  );
}
