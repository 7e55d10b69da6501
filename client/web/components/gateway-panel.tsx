import type { DropReason } from '../../generated/graphql.ts';
import { TimeChart } from '../charts/time-chart.tsx';
import { duration } from '../state/clock.ts';
import { palette } from '../state/palette.ts';
import { history, latest, statsError, type StatsPoint } from '../state/stats.ts';

type Read = readonly [label: string, read: (point: StatsPoint) => number];

function droppedFor(reason: DropReason): Read[1] {
  return (p) => p.droppedPerSByReason.get(reason) ?? 0;
}

const charts: readonly (readonly [title: string, reads: readonly Read[]])[] = [
  [
    'Messages a second',
    [
      ['in', (p) => p.inPerS],
      ['delivered', (p) => p.deliveredPerS],
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
      ['conflated', (p) => p.conflatedPerS],
      ['rejected', (p) => p.rejectedPerS],
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
  const tiles: readonly (readonly [string, string | number])[] = [
    ['MQTT broker', stats.ingestConnected ? 'connected' : 'away'],
    ['MQTT interruptions', stats.sourceInterruptions],
    ['Messages in', stats.totalMessagesProcessed],
    ['Delivered', stats.messagesDelivered],
    ['Dropped', stats.messagesDropped],
    ['Conflated', stats.messagesConflated],
    ['Rejected', stats.messagesRejected],
    ['Cleared', stats.messagesCleared],
    ['Queued', stats.messagesQueued],
    ['Connections', stats.connections],
    ['Subscribers', stats.activeSubscribers],
    ['Devices monitored', `${stats.devicesBeingMonitored} of ${stats.devicesKnown}`],
    ['Up for', duration(stats.uptimeSeconds)],
    ['Event loop delay', `${stats.process.eventLoopDelayMs.toFixed(1)} ms`],
    ['Memory', `${(stats.process.residentBytes / 1e6).toFixed(0)} MB`],
    ['Version', stats.version],
  ];
  return (
    <section class="gateway" tabIndex={0} aria-label="Gateway">
      {error !== undefined && <p role="alert">{error}</p>}
      <dl class="tiles">
        {tiles.map(([name, value]) => (
          <div class="card" key={name}>
            <dt>{name}</dt>
            <dd>{value.toLocaleString('en')}</dd>
          </div>
        ))}
      </dl>
      <Reasons title="Dropped" counts={stats.messagesDroppedByReason} />
      <Reasons title="Rejected" counts={stats.messagesRejectedByReason} />
      <Reasons title="Refused" counts={stats.requestsRefusedByReason} />
      <Reasons title="Subscriptions ended" counts={stats.subscriptionsEndedByReason} />
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

/** Those reasons that have occurred. */
function Reasons({
  title,
  counts,
}: {
  readonly title: string;
  readonly counts: readonly { readonly reason: string; readonly count: number }[];
}) {
  const some = counts.filter(({ count }) => count > 0);
  if (some.length === 0) return null;
  const told = some.map(
    ({ reason, count }) =>
      `${reason.toLowerCase().replaceAll('_', ' ')} ${count.toLocaleString('en')}`,
  );
  return (
    <p>
      <b>{title}:</b> {told.join(', ')}
    </p>
  );
}
