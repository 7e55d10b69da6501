import { expect, it } from 'vitest';
import { transportNames, type Transport } from '../../src/kernel/caller.ts';
import type { TransportCount } from '../../src/metrics/broker-stats.ts';
import { labelWord } from '../../src/metrics/metric.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { openReservation } from '../support/reservation.ts';
import { openStream, streamKinds, type StreamKind } from '../support/streams.ts';

const transportOf: Record<StreamKind, Transport> = {
  'graphql-websocket': 'websocket',
  'graphql-sse': 'sse',
  'graphql-single-sse': 'sse',
  'graphql-multipart': 'multipart',
  'plain-websocket': 'plain-websocket',
  'plain-sse': 'plain-sse',
};

/** All transports, these with their counts. */
function counts(those: { readonly [Name in Transport]?: number }): TransportCount[] {
  return transportNames.map((name) => ({ transport: labelWord(name), count: those[name] ?? 0 }));
}

function told(gateway: TestGateway): object {
  const stats = gateway.stats();
  return {
    connections: stats.connections,
    connectionsByTransport: stats.connectionsByTransport,
    activeSubscribers: stats.activeSubscribers,
    activeSubscribersByTransport: stats.activeSubscribersByTransport,
    messagesDelivered: stats.messagesDelivered,
    messagesDeliveredByTransport: stats.messagesDeliveredByTransport,
  };
}

it.each(streamKinds)('counts a stream over %s, and no other', async (kind) => {
  await using gateway = await startTestGateway();
  await using device = await connectDevice(gateway.mqttUrl);
  await using stream = await openStream(kind, gateway, ['a']);
  await device.publish('devices/a/messages', '1');
  await device.publish('devices/a/messages', '2');
  await stream.take(2);
  const transport = transportOf[kind];
  expect(told(gateway)).toEqual({
    connections: 1,
    connectionsByTransport: counts({ [transport]: 1 }),
    activeSubscribers: 1,
    activeSubscribersByTransport: counts({ [transport]: 1 }),
    messagesDelivered: 2,
    messagesDeliveredByTransport: counts({ [transport]: 2 }),
  });
  await stream.close();
  await gateway.until(
    ({ activeSubscribers, connections }) => activeSubscribers + connections === 0,
  );
  expect(told(gateway)).toEqual({
    connections: 0,
    connectionsByTransport: counts({}),
    activeSubscribers: 0,
    activeSubscribersByTransport: counts({}),
    messagesDelivered: 2,
    messagesDeliveredByTransport: counts({ [transport]: 2 }),
  });
});

it('counts the subscriptions of the program that embeds it, which are no connections', async () => {
  await using gateway = await startTestGateway();
  await using device = await connectDevice(gateway.mqttUrl);
  const subscription = gateway.subscribe({ deviceIds: ['a'] });
  await device.publish('devices/a/messages', '1');
  await subscription.next();
  expect(told(gateway)).toEqual({
    connections: 0,
    connectionsByTransport: counts({}),
    activeSubscribers: 1,
    activeSubscribersByTransport: counts({ library: 1 }),
    messagesDelivered: 1,
    messagesDeliveredByTransport: counts({ library: 1 }),
  });
  await subscription.return();
  expect(gateway.stats().activeSubscribersByTransport).toEqual(counts({}));
});

it('counts a reservation that has no stream yet', async () => {
  await using gateway = await startTestGateway();
  await openReservation(gateway.url);
  expect(gateway.stats().connectionsByTransport).toEqual(counts({ sse: 1 }));
});

it('tells the counts by transport over GraphQL', async () => {
  await using gateway = await startTestGateway();
  await using stream = await openStream('plain-sse', gateway, ['a']);
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: '{ brokerStats { activeSubscribersByTransport { transport count } } }',
    }),
  });
  expect(await response.json()).toEqual({
    data: { brokerStats: { activeSubscribersByTransport: counts({ 'plain-sse': 1 }) } },
  });
  await stream.close();
});
