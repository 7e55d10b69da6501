import { TimeChart } from '../charts/time-chart.tsx';
import { palette } from '../state/palette.ts';
import { history, latest, type StatsPoint } from '../state/stats.ts';

type Read = readonly [label: string, read: (point: StatsPoint) => number];

const charts: readonly (readonly [title: string, reads: readonly Read[]])[] = [
  [
    'Messages a second',
    [
      ['in', (p) => p.inPerS],
      ['delivered', (p) => p.deliveredPerS],
    ],
  ],
  [
    'Not delivered, a second',
    [
      ['dropped', (p) => p.droppedPerS],
      ['conflated', (p) => p.conflatedPerS],
      ['rejected', (p) => p.rejectedPerS],
    ],
  ],
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
  if (stats === undefined) return <section aria-label="Gateway">Waiting for the gateway…</section>;
  const tiles: readonly (readonly [string, string | number])[] = [
    ['MQTT broker', stats.ingestConnected ? 'connected' : 'away'],
    ['Messages in', stats.totalMessagesProcessed],
    ['Delivered', stats.messagesDelivered],
    ['Dropped', stats.messagesDropped],
    ['Conflated', stats.messagesConflated],
    ['Rejected', stats.messagesRejected],
    ['Queued', stats.messagesQueued],
    ['Connections', stats.connections],
    ['Subscribers', stats.activeSubscribers],
    ['Devices watched', `${stats.devicesBeingMonitored} of ${stats.devicesKnown}`],
  ];
  const reasons = [...stats.messagesDroppedByReason, ...stats.messagesRejectedByReason].filter(
    ({ count }) => count > 0,
  );
  return (
    <section class="gateway" aria-label="Gateway">
      <dl class="tiles">
        {tiles.map(([name, value]) => (
          <div class="card" key={name}>
            <dt>{name}</dt>
            <dd>{value.toLocaleString('en')}</dd>
          </div>
        ))}
      </dl>
      {reasons.length > 0 && (
        <p>Why: {reasons.map(({ reason, count }) => `${reason} ${count}`).join(', ')}</p>
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
