import { drops } from '../kernel/drop-reason.ts';
import { ends } from '../kernel/end-reason.ts';
import { transports, type Transport } from '../kernel/caller.ts';
import { rejections, type RejectionReason } from '../kernel/rejection.ts';
import type { ProcessStats } from './broker-stats.ts';
import type { Label, Metric } from './metric.ts';
import { refusals, type RefusalReason } from './refusals.ts';

const sinceStart = 'How many, since start.';

const dropReason = {
  name: 'reason',
  nameDescription: 'The reason.',
  enumName: 'DropReason',
  enumDescription: 'Why a message was not delivered to a subscription that had asked for it.',
  values: drops,
  countName: 'DropCount',
  countDescription: 'How many messages were dropped for one reason.',
  numberDescription: sinceStart,
} as const satisfies Label;

const rejectionReason = {
  name: 'reason',
  nameDescription: 'The reason.',
  enumName: 'RejectionReason',
  enumDescription: 'Why a message from the MQTT broker was refused.',
  values: rejections,
  countName: 'RejectionCount',
  countDescription: 'How many messages were rejected for one reason.',
  numberDescription: sinceStart,
} as const satisfies Label;

const endReason = {
  name: 'reason',
  nameDescription: 'The reason.',
  enumName: 'EndReason',
  enumDescription: 'Why a subscription ended.',
  values: ends,
  countName: 'EndCount',
  countDescription: 'How many subscriptions ended for one reason.',
  numberDescription: sinceStart,
} as const satisfies Label;

const refusalReason = {
  name: 'reason',
  nameDescription: 'The reason.',
  enumName: 'RefusalReason',
  enumDescription: 'Why a request of a client was refused, or its connection ended.',
  values: refusals,
  countName: 'RefusalCount',
  countDescription: 'How many requests were refused for one reason.',
  numberDescription: 'How often, since start.',
} as const satisfies Label;

const transport = {
  name: 'transport',
  nameDescription: 'The transport.',
  enumName: 'Transport',
  enumDescription: 'A way in which a client reaches the gateway.',
  values: transports,
  countName: 'TransportCount',
  countDescription: 'A count for one transport.',
  numberDescription: 'How many: now for a gauge, since start for a counter.',
} as const satisfies Label;

/** The labels, in the order of the documentation. */
export const labels: readonly Label[] = [
  dropReason,
  rejectionReason,
  endReason,
  refusalReason,
  transport,
];

/** The sources of the metrics that are not among the broker's counters. */
export interface MetricSources {
  readonly broker: { readonly devicesMonitored: number };
  readonly ingest: {
    readonly rejections: Readonly<Record<RejectionReason, number>>;
    readonly cleared: number;
  };
  readonly log: { readonly devicesForgotten: number; readonly devicesKnown: number };
  readonly refusals: { readonly counts: Readonly<Record<RefusalReason, number>> };
  readonly connections: { readonly byTransport: Readonly<Record<Transport, number>> };
  readonly logger: { readonly linesDropped: number };
  readonly processMonitor: { read(): ProcessStats };
  /** The link to the MQTT broker; undefined before there is one. */
  readonly source: () =>
    | { readonly connected: boolean; readonly interruptions: number }
    | undefined;
  /** When the gateway was started, by `performance.now()`. */
  readonly startedAt: number;
  readonly version: string;
}

/**
 * Every metric of a gateway, once. Derived from it: `brokerStats` and its types in the
 * SDL and in TypeScript, the plain stream's stats, the broker's counters, what `sluice
 * stats` and the dashboard request and show, and `docs/metrics.md`. The meaning of a
 * released name never changes.
 */
export const metrics = {
  totalMessagesProcessed: {
    kind: 'counter',
    group: 'Messages',
    title: 'messages accepted',
    unit: 'messages',
    type: 'SafeInt',
    description: 'Messages from devices that were accepted, whether they had a subscriber or not.',
    source: { held: 'processed' },
  },
  activeSubscribers: {
    kind: 'gauge',
    group: 'Subscriptions',
    title: 'subscriptions',
    unit: 'subscriptions',
    type: 'Int',
    description: '`deviceMessages` subscriptions that are open now, over all transports.',
    source: { totalOf: 'activeSubscribersByTransport' },
  },
  activeSubscribersByTransport: {
    kind: 'gauge',
    group: 'Subscriptions',
    title: 'subscriptions',
    unit: 'subscriptions',
    label: transport,
    description:
      'Open `deviceMessages` subscriptions by transport. Every transport is listed once.',
    source: { held: 'activeSubscribers' },
  },
  devicesBeingMonitored: {
    kind: 'gauge',
    group: 'Devices',
    title: 'devices with a subscriber',
    unit: 'devices',
    type: 'Int',
    description: 'Distinct device ids with a subscriber.',
    source: { read: ({ broker }) => broker.devicesMonitored },
  },
  messagesDelivered: {
    kind: 'counter',
    group: 'Messages',
    title: 'messages delivered',
    unit: 'messages',
    type: 'SafeInt',
    description: 'Messages handed to a client; one message to two clients counts twice.',
    source: { totalOf: 'messagesDeliveredByTransport' },
  },
  messagesDeliveredByTransport: {
    kind: 'counter',
    group: 'Messages',
    title: 'messages delivered',
    unit: 'messages',
    label: transport,
    description: 'Messages handed to a client, by transport. Every transport is listed once.',
    source: { held: 'delivered' },
  },
  messagesDropped: {
    kind: 'counter',
    group: 'Messages',
    title: 'messages dropped',
    unit: 'messages',
    type: 'SafeInt',
    description: 'Messages that a subscription asked for and did not get.',
    source: { totalOf: 'messagesDroppedByReason' },
  },
  messagesDroppedByReason: {
    kind: 'counter',
    group: 'Messages',
    title: 'messages dropped',
    unit: 'messages',
    label: dropReason,
    description: 'Dropped messages by reason. Every reason is listed once.',
    source: { held: 'dropped' },
  },
  messagesConflated: {
    kind: 'counter',
    group: 'Messages',
    title: 'messages conflated',
    unit: 'messages',
    type: 'SafeInt',
    description:
      'Messages that were replaced by a newer one of their device, as the client had asked.',
    source: { held: 'conflated' },
  },
  messagesRejected: {
    kind: 'counter',
    group: 'Messages',
    title: 'messages rejected',
    unit: 'messages',
    type: 'SafeInt',
    description: 'Messages from the MQTT broker that were refused.',
    source: { totalOf: 'messagesRejectedByReason' },
  },
  messagesRejectedByReason: {
    kind: 'counter',
    group: 'Messages',
    title: 'messages rejected',
    unit: 'messages',
    label: rejectionReason,
    description: 'Refused messages from the MQTT broker, by reason. Every reason is listed once.',
    source: { read: ({ ingest }) => ingest.rejections },
  },
  messagesCleared: {
    kind: 'counter',
    group: 'Messages',
    title: 'messages cleared',
    unit: 'messages',
    type: 'SafeInt',
    description:
      'Messages with an empty payload, which delete a retained message. They are not delivered.',
    source: { read: ({ ingest }) => ingest.cleared },
  },
  subscriptionsEndedByReason: {
    kind: 'counter',
    group: 'Subscriptions',
    title: 'subscriptions ended',
    unit: 'subscriptions',
    label: endReason,
    description:
      '`deviceMessages` subscriptions that have ended, by reason. Every reason is listed once.',
    source: { held: 'ended' },
  },
  requestsRefused: {
    kind: 'counter',
    group: 'Connections and requests',
    title: 'requests refused',
    unit: 'requests',
    type: 'SafeInt',
    description:
      'Requests of clients that the gateway refused, and connections that it ended because of them.',
    source: { totalOf: 'requestsRefusedByReason' },
  },
  requestsRefusedByReason: {
    kind: 'counter',
    group: 'Connections and requests',
    title: 'requests refused',
    unit: 'requests',
    label: refusalReason,
    description: 'Refused requests and ended connections, by reason. Every reason is listed once.',
    source: { read: (from) => from.refusals.counts },
  },
  devicesForgotten: {
    kind: 'counter',
    group: 'Devices',
    title: 'devices forgotten',
    unit: 'devices',
    type: 'SafeInt',
    description: 'Silent devices that were forgotten to make room for new ones.',
    source: { read: ({ log }) => log.devicesForgotten },
  },
  logLinesDropped: {
    kind: 'counter',
    group: 'Process',
    title: 'log lines dropped',
    unit: 'lines',
    type: 'SafeInt',
    description:
      'Log lines that were not written, because there were too many or nobody read them.',
    source: { read: ({ logger }) => logger.linesDropped },
  },
  messagesQueued: {
    kind: 'gauge',
    group: 'Messages',
    title: 'messages queued',
    unit: 'messages',
    type: 'Int',
    description: 'Messages that are now in the queues of subscriptions.',
    source: { held: 'queued' },
  },
  connections: {
    kind: 'gauge',
    group: 'Connections and requests',
    title: 'connections',
    unit: 'connections',
    type: 'Int',
    description: 'Client connections that are open now: WebSockets and event streams.',
    source: { totalOf: 'connectionsByTransport' },
  },
  connectionsByTransport: {
    kind: 'gauge',
    group: 'Connections and requests',
    title: 'connections',
    unit: 'connections',
    label: transport,
    description: 'Open client connections by transport. Every transport is listed once.',
    source: { read: (from) => from.connections.byTransport },
  },
  devicesKnown: {
    kind: 'gauge',
    group: 'Devices',
    title: 'devices known',
    unit: 'devices',
    type: 'Int',
    description: 'Devices that the gateway has heard.',
    source: { read: ({ log }) => log.devicesKnown },
  },
  ingestConnected: {
    kind: 'gauge',
    group: 'MQTT broker',
    title: 'MQTT broker connected',
    unit: 'none',
    type: 'Boolean',
    description: 'Whether the MQTT broker is connected and has granted the subscriptions.',
    source: { read: ({ source }) => source()?.connected ?? false },
  },
  sourceInterruptions: {
    kind: 'counter',
    group: 'MQTT broker',
    title: 'MQTT interruptions',
    unit: 'interruptions',
    type: 'SafeInt',
    description:
      'How often the connection to the MQTT broker was lost. The next message of each device that may have lost messages has a gap `SOURCE_INTERRUPTED`.',
    source: { read: ({ source }) => source()?.interruptions ?? 0 },
  },
  process: {
    description: 'The resources that its process uses.',
    typeName: 'ProcessStats',
    typeDescription: 'The resources that the process of the gateway uses.',
    members: {
      eventLoopDelayMs: {
        kind: 'gauge',
        group: 'Process',
        title: 'event loop delay',
        unit: 'milliseconds',
        type: 'Float',
        description:
          'The longest time for which the event loop was blocked, within the last one to two seconds. A few milliseconds are normal; hundreds mean that the gateway is at its limit.',
      },
      heapUsedBytes: {
        kind: 'gauge',
        group: 'Process',
        title: 'heap',
        unit: 'bytes',
        type: 'SafeInt',
        description: 'Memory in use on the JavaScript heap.',
      },
      residentBytes: {
        kind: 'gauge',
        group: 'Process',
        title: 'memory',
        unit: 'bytes',
        type: 'SafeInt',
        description: 'Memory of the whole process, as the operating system counts it.',
      },
    },
    read: ({ processMonitor }) => processMonitor.read(),
  },
  uptimeSeconds: {
    kind: 'gauge',
    group: 'Process',
    title: 'up for',
    unit: 'seconds',
    type: 'Float',
    description: 'Seconds since the start.',
    source: { read: ({ startedAt }) => (performance.now() - startedAt) / 1000 },
  },
  version: {
    kind: 'info',
    group: 'Process',
    title: 'version',
    unit: 'none',
    type: 'String',
    description: 'The version of Sluice.',
    source: { read: (from) => from.version },
  },
} as const satisfies Record<string, Metric<MetricSources>>;

export type Metrics = typeof metrics;
export type MetricName = keyof Metrics;
export const metricNames = Object.keys(metrics) as readonly MetricName[];

/** The entry of one metric, without the literal types of `metrics`. */
export function entryOf(name: MetricName): Metric<MetricSources> {
  return metrics[name];
}
