/** The types of the generated documents: `tsc` checks this file, and nothing runs it. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { expectTypeOf } from 'vitest';
import { graphql, type DocumentType } from '../client/generated/index.ts';
import {
  BrokerStatsDocument,
  DeviceMessagesDocument,
  WatchBrokerStatsDocument,
} from '../client/generated/graphql.ts';
import type {
  DropReason,
  OverflowPolicy as ClientOverflowPolicy,
  RejectionReason,
  StatsFragment,
  StatsFragmentDoc,
  Transport,
} from '../client/generated/graphql.ts';
import type { BrokerStats, OverflowPolicy } from '../src/index.ts';
import type { ValuesOf } from '../src/metrics/metric.ts';
import type { Metrics } from '../src/metrics/catalogue.ts';

/** A client that executes what it is given, as urql and Apollo do. */
declare function run<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: NoInfer<Variables>,
): Data;

// The words of the wire are those of the library.
expectTypeOf<ClientOverflowPolicy>().toEqualTypeOf<OverflowPolicy>();
expectTypeOf<DropReason>().toEqualTypeOf<
  BrokerStats['messagesDroppedByReason'][number]['reason']
>();
expectTypeOf<RejectionReason>().toEqualTypeOf<
  BrokerStats['messagesRejectedByReason'][number]['reason']
>();
expectTypeOf<keyof StatsFragment>().toEqualTypeOf<keyof BrokerStats>();
expectTypeOf<Transport>().toEqualTypeOf<
  BrokerStats['connectionsByTransport'][number]['transport']
>();
// The generated types are those of the catalogue.
expectTypeOf<keyof ValuesOf<Metrics>>().toEqualTypeOf<keyof BrokerStats>();
expectTypeOf<ValuesOf<Metrics>>().toExtend<BrokerStats>();
expectTypeOf<BrokerStats>().toExtend<ValuesOf<Metrics>>();

// A subscription to messages.
const { deviceMessages } = run(DeviceMessagesDocument, { deviceIds: ['a', 1], maxQueued: null });
expectTypeOf<typeof deviceMessages.deviceId>().toEqualTypeOf<string>();
expectTypeOf<typeof deviceMessages.topic>().toEqualTypeOf<string>();
expectTypeOf<typeof deviceMessages.receivedAt>().toEqualTypeOf<string>();
expectTypeOf<typeof deviceMessages.retained>().toEqualTypeOf<boolean>();
expectTypeOf<typeof deviceMessages.position>().toEqualTypeOf<string>();
// The payload is whatever the device sent: it is to be looked at before it is used.
expectTypeOf<typeof deviceMessages.payload>().toEqualTypeOf<unknown>();
// @ts-expect-error -- nobody knows what is in it
void deviceMessages.payload.temperature;
// @ts-expect-error -- a field that was not selected
void deviceMessages.sequence;
// @ts-expect-error -- the devices are required
run(DeviceMessagesDocument, {});
// @ts-expect-error -- and not null
run(DeviceMessagesDocument, { deviceIds: null });
// @ts-expect-error -- the policy as the configuration spells it
run(DeviceMessagesDocument, { deviceIds: ['a'], overflow: 'drop-oldest' });
// @ts-expect-error -- a text where a number belongs
run(DeviceMessagesDocument, { deviceIds: ['a'], maxQueued: '3' });
// @ts-expect-error -- a variable that the operation has not
run(DeviceMessagesDocument, { deviceIds: ['a'], after: 'e-1' });

// The stats, once and again and again.
expectTypeOf<ReturnType<typeof statsNow>>().toEqualTypeOf<StatsFragment | null>();
function statsNow(): StatsFragment | null {
  return run(BrokerStatsDocument, {}).brokerStats;
}
// @ts-expect-error -- it has no variables
run(BrokerStatsDocument, { intervalMs: 1000 });
const { brokerStats } = run(WatchBrokerStatsDocument, { intervalMs: 1000 });
run(WatchBrokerStatsDocument, {});
expectTypeOf<typeof brokerStats.totalMessagesProcessed>().toEqualTypeOf<number>();
expectTypeOf<typeof brokerStats.ingestConnected>().toEqualTypeOf<boolean>();
expectTypeOf<DocumentType<typeof StatsFragmentDoc>>().toEqualTypeOf<StatsFragment>();
// @ts-expect-error -- a text where a number belongs
run(WatchBrokerStatsDocument, { intervalMs: '1s' });
for (const { reason } of brokerStats.messagesDroppedByReason) {
  // @ts-expect-error -- why a message is rejected is not why one is dropped
  if (reason === 'NOT_JSON') throw new Error();
}

// A text that is in no .graphql file is nothing that can be executed.
const unheard = graphql('{ brokerStats { version } }');
expectTypeOf<typeof unheard>().toEqualTypeOf<unknown>();
// @ts-expect-error -- it has no type
run(unheard, {});
