import type { BrokerStats as Stats } from '../src/observe/broker-stats.ts';
import { builder } from './builder.ts';
import { DropCount } from './drop-count.ts';
import { EndCount } from './end-count.ts';
import { ProcessStats } from './process-stats.ts';
import { RefusalCount } from './refusal-count.ts';
import { RejectionCount } from './rejection-count.ts';

export const BrokerStats = builder.objectRef<Stats>('BrokerStats').implement({
  description: 'What the gateway does. Counters run since its start.',
  fields: (t) => ({
    totalMessagesProcessed: t.expose('totalMessagesProcessed', {
      type: 'SafeInt',
      description: 'Messages of devices that were accepted, whether anyone watched or not.',
    }),
    activeSubscribers: t.exposeInt('activeSubscribers', {
      description: '`deviceMessages` subscriptions that are open now, over every transport.',
    }),
    devicesBeingMonitored: t.exposeInt('devicesBeingMonitored', {
      description: 'Distinct device ids with a subscriber.',
    }),
    messagesDelivered: t.expose('messagesDelivered', {
      type: 'SafeInt',
      description: 'Messages handed to a client; one message to two clients counts twice.',
    }),
    messagesDropped: t.expose('messagesDropped', {
      type: 'SafeInt',
      description: 'Messages that a subscription had asked for and did not get.',
    }),
    messagesDroppedByReason: t.expose('messagesDroppedByReason', {
      type: [DropCount],
      description: 'The same by reason, every reason once.',
    }),
    messagesConflated: t.expose('messagesConflated', {
      type: 'SafeInt',
      description:
        'Messages that gave way to a newer one of their device, as the client had asked.',
    }),
    messagesRejected: t.expose('messagesRejected', {
      type: 'SafeInt',
      description: 'Messages from the MQTT broker that were refused.',
    }),
    messagesRejectedByReason: t.expose('messagesRejectedByReason', {
      type: [RejectionCount],
      description: 'The same by reason, every reason once.',
    }),
    messagesCleared: t.expose('messagesCleared', {
      type: 'SafeInt',
      description:
        'Messages without a payload, by which a retained message is deleted. They are not delivered.',
    }),
    subscriptionsEndedByReason: t.expose('subscriptionsEndedByReason', {
      type: [EndCount],
      description: '`deviceMessages` subscriptions that have ended, by reason, every reason once.',
    }),
    requestsRefused: t.expose('requestsRefused', {
      type: 'SafeInt',
      description:
        'What clients sent and the gateway refused, and connections that it ended for it.',
    }),
    requestsRefusedByReason: t.expose('requestsRefusedByReason', {
      type: [RefusalCount],
      description: 'The same by reason, every reason once.',
    }),
    devicesForgotten: t.expose('devicesForgotten', {
      type: 'SafeInt',
      description: 'Devices that were silent for long and have made room for new ones.',
    }),
    logLinesDropped: t.expose('logLinesDropped', {
      type: 'SafeInt',
      description: 'Log lines that were not written, since too many came or nobody took them.',
    }),
    messagesQueued: t.exposeInt('messagesQueued', {
      description: 'Messages that wait in the queues of subscriptions now.',
    }),
    connections: t.exposeInt('connections', {
      description: 'Client connections that are open now: WebSockets and event streams.',
    }),
    devicesKnown: t.exposeInt('devicesKnown', {
      description: 'Devices that the gateway has heard.',
    }),
    ingestConnected: t.exposeBoolean('ingestConnected', {
      description: 'Whether the MQTT broker is connected and has granted the subscriptions.',
    }),
    sourceInterruptions: t.expose('sourceInterruptions', {
      type: 'SafeInt',
      description:
        'How often the connection to the MQTT broker was lost. The next message of each device that may have lost some tells `SOURCE_INTERRUPTED`.',
    }),
    process: t.expose('process', {
      type: ProcessStats,
      description: 'What its process takes.',
    }),
    uptimeSeconds: t.exposeFloat('uptimeSeconds', { description: 'Seconds since the start.' }),
    version: t.exposeString('version', { description: 'The version of Sluice.' }),
  }),
});
