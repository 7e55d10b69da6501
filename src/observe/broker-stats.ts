import type { DropReason } from '../broker/counters.ts';
import type { EndReason } from '../broker/end-reason.ts';
import type { RejectionReason } from '../kernel/rejection.ts';
import type { RefusalReason } from './refusals.ts';
import type { ProcessStats } from './process-stats.ts';

/** A snapshot of what the gateway does, in the shape of the SDL's type of that name. Counters run since the start. */
export interface BrokerStats {
  readonly totalMessagesProcessed: number;
  readonly activeSubscribers: number;
  readonly devicesBeingMonitored: number;
  readonly messagesDelivered: number;
  readonly messagesDropped: number;
  readonly messagesDroppedByReason: readonly { reason: DropReason; count: number }[];
  readonly messagesConflated: number;
  readonly messagesRejected: number;
  readonly messagesRejectedByReason: readonly { reason: RejectionReason; count: number }[];
  readonly messagesCleared: number;
  readonly subscriptionsEndedByReason: readonly { reason: EndReason; count: number }[];
  readonly requestsRefused: number;
  readonly requestsRefusedByReason: readonly { reason: RefusalReason; count: number }[];
  readonly devicesForgotten: number;
  readonly logLinesDropped: number;
  readonly messagesQueued: number;
  readonly connections: number;
  readonly devicesKnown: number;
  readonly ingestConnected: boolean;
  readonly sourceInterruptions: number;
  readonly process: ProcessStats;
  readonly uptimeSeconds: number;
  readonly version: string;
}

/** The snapshot in snake_case, as the plain stream's stats endpoint has always told it. */
export function plainStats(stats: BrokerStats): Record<string, unknown> {
  return inSnakeCase(stats);
}

function inSnakeCase(members: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]: [string, unknown]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      plain(value),
    ]),
  );
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return byReason(value as { reason: string; count: number }[]);
  return typeof value === 'object' && value !== null ? inSnakeCase(value) : value;
}

function byReason(counts: readonly { reason: string; count: number }[]): Record<string, number> {
  return Object.fromEntries(counts.map(({ reason, count }) => [reason.toLowerCase(), count]));
}
