import type { StatsFragment } from '../../client/generated/graphql.ts';
import { visible } from '../observe/terminal-text.ts';

export type Stats = StatsFragment;

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en-US', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const labelColumns = 32;
const numberColumns = 16;

/** The counters for a person, a line each. With those of before there are rates beside them. */
export function statsTable(stats: Stats, before: Stats | undefined, address: string): string[] {
  const elapsedS = before === undefined ? 0 : stats.uptimeSeconds - before.uptimeSeconds;
  // Of a gateway that was restarted meanwhile there is nothing to compare with.
  const hasRates = before !== undefined && elapsedS > 0;

  function counter(label: string, read: (of: Stats) => number): string {
    const total = whole.format(read(stats));
    const rate = hasRates ? tenths.format((read(stats) - read(before)) / elapsedS) : '';
    return row(label, total, rate);
  }
  function byReason(read: (of: Stats) => readonly { reason: string; count: number }[]): string[] {
    return read(stats)
      .filter(({ count }) => count > 0)
      .map(({ reason }) => counter(`  ${visible(reason)}`, (of) => countOf(read(of), reason)));
  }

  return [
    `Sluice ${visible(stats.version)} at ${address}`,
    `up ${duration(stats.uptimeSeconds)}, MQTT broker ${stats.ingestConnected ? 'connected' : 'NOT CONNECTED'}`,
    '',
    row('messages', 'total', hasRates ? 'per second' : ''),
    counter('accepted', (of) => of.totalMessagesProcessed),
    counter('rejected', (of) => of.messagesRejected),
    ...byReason((of) => of.messagesRejectedByReason),
    counter('cleared', (of) => of.messagesCleared),
    counter('delivered', (of) => of.messagesDelivered),
    counter('conflated', (of) => of.messagesConflated),
    counter('dropped', (of) => of.messagesDropped),
    ...byReason((of) => of.messagesDroppedByReason),
    counter('MQTT interruptions', (of) => of.sourceInterruptions),
    counter('subscriptions ended', (of) => sum(of.subscriptionsEndedByReason)),
    ...byReason((of) => of.subscriptionsEndedByReason),
    counter('requests refused', (of) => of.requestsRefused),
    ...byReason((of) => of.requestsRefusedByReason),
    '',
    row('now', '', ''),
    row('subscriptions', whole.format(stats.activeSubscribers), ''),
    row('devices with a subscriber', whole.format(stats.devicesBeingMonitored), ''),
    row('devices known', whole.format(stats.devicesKnown), ''),
    row('connections', whole.format(stats.connections), ''),
    row('messages queued', whole.format(stats.messagesQueued), ''),
    row('event loop delay', `${tenths.format(stats.process.eventLoopDelayMs)} ms`, ''),
    row('heap', mebibytes(stats.process.heapUsedBytes), ''),
    row('memory', mebibytes(stats.process.residentBytes), ''),
  ];
}

function row(label: string, total: string, rate: string): string {
  return `${label.padEnd(labelColumns)}${total.padStart(numberColumns)}${rate.padStart(numberColumns)}`.trimEnd();
}

function countOf(counts: readonly { reason: string; count: number }[], reason: string): number {
  return counts.find((each) => each.reason === reason)?.count ?? 0;
}

function sum(counts: readonly { count: number }[]): number {
  return counts.reduce((total, { count }) => total + count, 0);
}

function mebibytes(bytes: number): string {
  return `${tenths.format(bytes / 2 ** 20)} MiB`;
}

function duration(seconds: number): string {
  const all = Math.floor(seconds);
  if (all < 60) return `${all} s`;
  if (all < 3_600) return `${Math.floor(all / 60)} min ${all % 60} s`;
  const hours = Math.floor(all / 3_600);
  const minutes = Math.floor((all % 3_600) / 60);
  return hours < 24 ? `${hours} h ${minutes} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
