import type { DropReason, StatsFragment } from 'sluice-client';
import { shownStats, type ShownStat } from 'sluice-client/stats';
import { TimeChart } from '../charts/time-chart.tsx';
import { duration } from '../state/clock.ts';
import { palette } from '../state/palette.ts';
import { history, latest, perSecond, statsError, type StatsPoint } from '../state/stats.ts';

type Read = readonly [label: string, read: (point: StatsPoint) => number];

function rate(count: (of: StatsFragment) => number): Read[1] {
  return (point) => perSecond(point, count);
}

function droppedFor(wanted: DropReason): Read[1] {
  return rate(
    (of) => of.messagesDroppedByReason.find(({ reason }) => reason === wanted)?.count ?? 0,
  );
}

const charts: readonly (readonly [title: string, reads: readonly Read[]])[] = [
  [
    'Messages a second',
    [
      ['in', rate((of) => of.totalMessagesProcessed)],
      ['delivered', rate((of) => of.messagesDelivered)],
    ],
  ],
  [
    'Dropped a second, by reason',
    [
      ['queue overflow', droppedFor('QUEUE_OVERFLOW')],
      ['history expired', droppedFor('HISTORY_EXPIRED')],
      ['subscription ended', droppedFor('SUBSCRIPTION_ENDED')],
    ],
  ],
  [
    'Conflated and rejected a second',
    [
      ['conflated', rate((of) => of.messagesConflated)],
      ['rejected', rate((of) => of.messagesRejected)],
    ],
  ],
  ['MQTT broker', [['connected: 1, away: 0', (p) => Number(p.stats.ingestConnected)]]],
  [
    'Clients',
    [
      ['connections', (p) => p.stats.connections],
      ['subscribers', (p) => p.stats.activeSubscribers],
      ['devices monitored', (p) => p.stats.devicesBeingMonitored],
    ],
  ],
  ['Queued messages', [['queued', (p) => p.stats.messagesQueued]]],
  ['Event loop delay, ms', [['longest', (p) => p.stats.process.eventLoopDelayMs]]],
  [
    'Memory, MB',
    [
      ['heap', (p) => p.stats.process.heapUsedBytes / 1e6],
      ['resident', (p) => p.stats.process.residentBytes / 1e6],
    ],
  ],
];

export function GatewayPanel() {
  const stats = latest.value?.stats;
  const error = statsError.value;
  if (stats === undefined) {
    return (
      <section class="gateway" aria-label="Gateway">
        <p role={error === undefined ? 'status' : 'alert'}>{error ?? 'Waiting for the gateway…'}</p>
      </section>
    );
  }
  return (
    <section class="gateway" tabIndex={0} aria-label="Gateway">
      {error !== undefined && <p role="alert">{error}</p>}
      <dl class="tiles">
        {shownStats.map(({ name, title, unit, read }) => (
          <div class="card" key={name}>
            <dt>{capitalized(title)}</dt>
            <dd>{shown(read(stats), unit)}</dd>
          </div>
        ))}
      </dl>
      {shownStats.map(
        ({ name, title, counts }) =>
          counts !== undefined && <Breakdown key={name} title={title} counts={counts(stats)} />,
      )}
      <div class="grid">
        {charts.map(([title, reads]) => (
          <TimeChart
            key={title}
            title={title}
            fromZero
            summary={reads
              .map(([label, read]) => `${label} ${read(latest.value!).toFixed(1)}`)
              .join(', ')}
            lines={reads.map(([label], i) => ({ label, color: palette[i]! }))}
            data={[
              history.value.map(({ time }) => time),
              ...reads.map(([, read]) => history.value.map(read)),
            ]}
          />
        ))}
      </div>
    </section>
  );
}

/** Those reasons or transports that have occurred. */
function Breakdown({
  title,
  counts,
}: {
  readonly title: string;
  readonly counts: ReadonlyMap<string, number>;
}) {
  const some = [...counts].filter(([, count]) => count > 0);
  if (some.length === 0) return null;
  const told = some.map(
    ([word, count]) => `${word.toLowerCase().replaceAll('_', ' ')} ${count.toLocaleString('en')}`,
  );
  return (
    <p>
      <b>{capitalized(title)}:</b> {told.join(', ')}
    </p>
  );
}

function capitalized(title: string): string {
  return title[0]!.toUpperCase() + title.slice(1);
}

function shown(value: ReturnType<ShownStat['read']>, unit: ShownStat['unit']): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  switch (unit) {
    case 'bytes':
      return `${(value / 1e6).toFixed(0)} MB`;
    case 'milliseconds':
      return `${value.toFixed(1)} ms`;
    case 'seconds':
      return duration(value);
    case 'count':
    case 'none':
      return value.toLocaleString('en');
  }
}
