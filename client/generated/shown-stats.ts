import type { ShownStat } from '../shown-stat.ts';

/** Every metric of the gateway's catalogue, as `npm run codegen` writes them. */
export const shownStats: readonly ShownStat[] = [
  { title: 'messages accepted', kind: 'counter', unit: 'count', name: 'totalMessagesProcessed', read: (of) => of.totalMessagesProcessed },
  { title: 'messages delivered', kind: 'counter', unit: 'count', name: 'messagesDelivered', read: (of) => of.messagesDelivered, counts: (of) => new Map(of.messagesDeliveredByTransport.map((each) => [each.transport, each.count])) },
  { title: 'messages dropped', kind: 'counter', unit: 'count', name: 'messagesDropped', read: (of) => of.messagesDropped, counts: (of) => new Map(of.messagesDroppedByReason.map((each) => [each.reason, each.count])) },
  { title: 'messages conflated', kind: 'counter', unit: 'count', name: 'messagesConflated', read: (of) => of.messagesConflated },
  { title: 'messages rejected', kind: 'counter', unit: 'count', name: 'messagesRejected', read: (of) => of.messagesRejected, counts: (of) => new Map(of.messagesRejectedByReason.map((each) => [each.reason, each.count])) },
  { title: 'messages cleared', kind: 'counter', unit: 'count', name: 'messagesCleared', read: (of) => of.messagesCleared },
  { title: 'messages queued', kind: 'gauge', unit: 'count', name: 'messagesQueued', read: (of) => of.messagesQueued },
  { title: 'subscriptions', kind: 'gauge', unit: 'count', name: 'activeSubscribers', read: (of) => of.activeSubscribers, counts: (of) => new Map(of.activeSubscribersByTransport.map((each) => [each.transport, each.count])) },
  { title: 'subscriptions ended', kind: 'counter', unit: 'count', name: 'subscriptionsEndedByReason', read: (of) => of.subscriptionsEndedByReason.reduce((sum, { count }) => sum + count, 0), counts: (of) => new Map(of.subscriptionsEndedByReason.map((each) => [each.reason, each.count])) },
  { title: 'requests refused', kind: 'counter', unit: 'count', name: 'requestsRefused', read: (of) => of.requestsRefused, counts: (of) => new Map(of.requestsRefusedByReason.map((each) => [each.reason, each.count])) },
  { title: 'connections', kind: 'gauge', unit: 'count', name: 'connections', read: (of) => of.connections, counts: (of) => new Map(of.connectionsByTransport.map((each) => [each.transport, each.count])) },
  { title: 'devices with a subscriber', kind: 'gauge', unit: 'count', name: 'devicesBeingMonitored', read: (of) => of.devicesBeingMonitored },
  { title: 'devices forgotten', kind: 'counter', unit: 'count', name: 'devicesForgotten', read: (of) => of.devicesForgotten },
  { title: 'devices known', kind: 'gauge', unit: 'count', name: 'devicesKnown', read: (of) => of.devicesKnown },
  { title: 'MQTT broker connected', kind: 'gauge', unit: 'none', name: 'ingestConnected', read: (of) => of.ingestConnected },
  { title: 'MQTT interruptions', kind: 'counter', unit: 'count', name: 'sourceInterruptions', read: (of) => of.sourceInterruptions },
  { title: 'log lines dropped', kind: 'counter', unit: 'count', name: 'logLinesDropped', read: (of) => of.logLinesDropped },
  { title: 'event loop delay', kind: 'gauge', unit: 'milliseconds', name: 'eventLoopDelayMs', read: (of) => of.process.eventLoopDelayMs },
  { title: 'heap', kind: 'gauge', unit: 'bytes', name: 'heapUsedBytes', read: (of) => of.process.heapUsedBytes },
  { title: 'memory', kind: 'gauge', unit: 'bytes', name: 'residentBytes', read: (of) => of.process.residentBytes },
  { title: 'up for', kind: 'gauge', unit: 'seconds', name: 'uptimeSeconds', read: (of) => of.uptimeSeconds },
  { title: 'version', kind: 'info', unit: 'none', name: 'version', read: (of) => of.version },
];
