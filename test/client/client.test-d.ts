/** The types of `sluice-client`: `tsc` checks this file, and nothing runs it. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { expectTypeOf } from 'vitest';
import {
  BrokerStatsDocument,
  createSluiceClient,
  WatchBrokerStatsDocument,
  type ConnectionFailure,
  type ConnectionStatus,
  type DeviceMessage,
  type SluiceError,
  type SluiceErrorCode,
  type StatsFragment,
} from '../../client/index.ts';
// @ts-expect-error -- what carries operations is no part of the package
import type { Link } from '../../client/index.ts';

export type Hidden = Link;

const client = createSluiceClient({ url: '/graphql' });
createSluiceClient({ url: new URL('ws://gateway'), token: () => Promise.resolve('t') });
createSluiceClient({ url: '/graphql', onWarning: false });
// @ts-expect-error -- a function, or off
createSluiceClient({ url: '/graphql', onWarning: true });
createSluiceClient({ url: '/graphql', token: undefined, fetch, webSocketImpl: WebSocket });
// @ts-expect-error -- the address is required
createSluiceClient({});
// @ts-expect-error -- no such transport
createSluiceClient({ url: '/graphql', transport: 'http' });
// @ts-expect-error -- a token is a text
createSluiceClient({ url: '/graphql', token: () => 1 });

// Messages.
const stream = client.deviceMessages({ deviceIds: ['a'], overflow: 'LATEST', minIntervalMs: 100 });
expectTypeOf(stream.next()).resolves.toEqualTypeOf<IteratorResult<DeviceMessage, undefined>>();
declare const message: DeviceMessage;
expectTypeOf(message.deviceId).toEqualTypeOf<string>();
expectTypeOf(message.position).toEqualTypeOf<string>();
expectTypeOf(message.receivedAt).toEqualTypeOf<string>();
expectTypeOf(message.gap?.missed).toEqualTypeOf<number | null | undefined>();
expectTypeOf(message.payload).toEqualTypeOf<unknown>();
// @ts-expect-error -- nobody knows what is in it
void message.payload.temperature;
// @ts-expect-error -- the devices are required
client.deviceMessages({});
// @ts-expect-error -- the policy as the configuration spells it
client.deviceMessages({ deviceIds: ['a'], overflow: 'drop-oldest' });
// @ts-expect-error -- a position without its device
client.deviceMessages({ deviceIds: ['a'], after: [{ position: 'e-1' }] });
client.deviceMessages({
  deviceIds: ['a'],
  onGap({ missed, reason }) {
    expectTypeOf(missed).toEqualTypeOf<number | null>();
    // @ts-expect-error -- no such reason
    if (reason === 'NOT_JSON') throw new Error();
  },
});
stream.add('a', 'b');
stream.remove(['a', 'b'] as const);
// @ts-expect-error -- ids, or one array of them
stream.add(['a'], ['b']);
// @ts-expect-error -- an id is a string
stream.add(1);

// Typed documents.
expectTypeOf(client.query(BrokerStatsDocument, {})).resolves.toEqualTypeOf<{
  brokerStats: StatsFragment | null;
}>();
client.subscribe(WatchBrokerStatsDocument, { intervalMs: 100 });
// @ts-expect-error -- a text where a number belongs
client.subscribe(WatchBrokerStatsDocument, { intervalMs: '1s' });
// @ts-expect-error -- a variable that the operation has not
client.subscribe(WatchBrokerStatsDocument, { interval: 100 });
// @ts-expect-error -- it has no variables
void client.query(BrokerStatsDocument, { intervalMs: 100 });
declare const own: TypedDocumentNode<{ n: number }, { id: string }>;
expectTypeOf(client.query(own, { id: 'a' })).resolves.toEqualTypeOf<{ n: number }>();
// @ts-expect-error -- a variable is missing
void client.query(own, {});
for await (const { n } of client.subscribe(own, { id: 'a' })) {
  // @ts-expect-error -- a number is no text
  n satisfies string;
}

// A text.
expectTypeOf(client.query('{ n }', {})).resolves.toEqualTypeOf<unknown>();
expectTypeOf(client.query<{ n: number }>('{ n }', { any: 1 })).resolves.toEqualTypeOf<{
  n: number;
}>();
// @ts-expect-error -- no document
void client.query(1, {});

expectTypeOf(client.neverHeard(['a'] as const)).resolves.toEqualTypeOf<string[]>();

// Errors.
declare const error: SluiceError;
expectTypeOf<'CLIENT_CLOSED' | 'LIMIT_EXCEEDED'>().toExtend<SluiceErrorCode>();
expectTypeOf(error.code).toEqualTypeOf<SluiceErrorCode>();
// A gateway in front of this one may have its own.
if (error.code === 'TEAPOT') throw error;

// How it stands.
function told(status: ConnectionStatus): number {
  switch (status.state) {
    case 'connecting':
      expectTypeOf(status.address).toEqualTypeOf<string>();
      expectTypeOf(status.failure).toEqualTypeOf<ConnectionFailure | undefined>();
      // @ts-expect-error -- not yet
      return status.since;
    case 'live':
      return status.since;
    case 'reconnecting':
      return status.retryAt;
    case 'closed':
      return status.reason.length;
  }
}
expectTypeOf(client.status).toEqualTypeOf<ConnectionStatus>();
expectTypeOf(told(client.status)).toEqualTypeOf<number>();
const { subscribeToStatus } = client;
expectTypeOf(subscribeToStatus(told)).toEqualTypeOf<() => void>();
