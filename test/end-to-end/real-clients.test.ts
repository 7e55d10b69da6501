import { ApolloClient, CombinedGraphQLErrors, gql, InMemoryCache } from '@apollo/client';
import { BatchHttpLink } from '@apollo/client/link/batch-http';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client, fetchExchange, subscriptionExchange, type OperationResult } from '@urql/core';
import { EventSource } from 'eventsource';
import { createClient as createEventsClient } from 'graphql-sse';
import { createClient, type Client as WebSocketClient, type Sink } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectDevice, type Device } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { Inbox } from '../support/inbox.ts';
import { until } from '../support/until.ts';

const live = `subscription Live($ids: [ID!]!) {
  deviceMessages(deviceIds: $ids) { deviceId payload }
}`;
const stats = 'query Stats { brokerStats { ingestConnected } }';
const statsResult = { brokerStats: { ingestConnected: true } };

async function subscribers(gateway: TestGateway, count: number): Promise<void> {
  await until(
    `${count} subscriptions are open`,
    () => gateway.stats().activeSubscribers === count,
    () => gateway.stats(),
  );
}

async function publish(device: Device): Promise<void> {
  await device.publish('devices/other/messages', '"not for us"');
  await device.publish('devices/a/messages', '{"n":1}');
  await device.publish('devices/a/messages', '{"n":2}');
}

const data = [1, 2].map((n) => ({ deviceMessages: { deviceId: 'a', payload: { n } } }));

/** As its documentation makes one for Node.js. */
function webSocketClient(gateway: TestGateway): WebSocketClient & AsyncDisposable {
  const client = createClient({
    url: `${gateway.webSocketUrl}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  return Object.assign(client, {
    async [Symbol.asyncDispose]() {
      await client.dispose();
    },
  });
}

interface Events extends Disposable {
  readonly source: EventSource;
  readonly inbox: Inbox<MessageEvent>;
  readonly opened: Promise<void>;
}

function openEvents(url: string, ...names: string[]): Events {
  const source = new EventSource(url);
  const inbox = new Inbox<MessageEvent>();
  for (const name of names) source.addEventListener(name, (event) => inbox.push(event));
  const opened = new Promise<void>((resolve) => {
    source.addEventListener('open', () => resolve());
  });
  return { source, inbox, opened, [Symbol.dispose]: () => source.close() };
}

function operation(gateway: TestGateway, ids: string[]): string {
  const parameters = new URLSearchParams({ query: live, variables: JSON.stringify({ ids }) });
  return `${gateway.url}/graphql?${parameters}`;
}

function urqlClient(gateway: TestGateway, webSocket: WebSocketClient): Client {
  return new Client({
    url: `${gateway.url}/graphql`,
    preferGetMethod: false,
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription(request) {
          const input = { ...request, query: request.query ?? '' };
          return {
            subscribe: (sink) => ({ unsubscribe: webSocket.subscribe(input, sink as Sink) }),
          };
        },
      }),
    ],
  });
}

function apolloClient(webSocket: WebSocketClient): ApolloClient {
  return new ApolloClient({ link: new GraphQLWsLink(webSocket), cache: new InMemoryCache() });
}

describe('graphql-ws', () => {
  it('iterates over messages and frees the subscription when it breaks off', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = webSocketClient(gateway);
    const results = client.iterate({ query: live, variables: { ids: ['a'] } });
    const first = results.next();
    await subscribers(gateway, 1);
    await publish(device);
    expect([(await first).value, (await results.next()).value]).toEqual(
      data.map((of) => ({ data: of })),
    );
    await results.return!();
    await subscribers(gateway, 0);
  });

  it('gets the result of a query', async () => {
    await using gateway = await startTestGateway();
    await using client = webSocketClient(gateway);
    const results: unknown[] = [];
    for await (const result of client.iterate({ query: stats })) results.push(result);
    expect(results).toEqual([{ data: statsResult }]);
  });

  it('gets an error', async () => {
    await using gateway = await startTestGateway();
    await using client = webSocketClient(gateway);
    const results = client.iterate({ query: live, variables: { ids: [] } });
    await expect(results.next()).rejects.toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });
});

describe('graphql-sse', () => {
  it('subscribes, and frees the subscription when it unsubscribes', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const client = createEventsClient({ url: `${gateway.url}/graphql`, retryAttempts: 0 });
    const results = new Inbox<unknown>();
    const unsubscribe = client.subscribe(
      { query: live, variables: { ids: ['a'] } },
      {
        next: (result) => results.push(result),
        error: (error) => results.end(error as Error),
        complete: () => results.end(new Error('complete')),
      },
    );
    await subscribers(gateway, 1);
    await publish(device);
    expect(await results.take(2)).toEqual(data.map((of) => ({ data: of })));
    unsubscribe();
    await subscribers(gateway, 0);
    client.dispose();
  });

  it('gets an error', async () => {
    await using gateway = await startTestGateway();
    const client = createEventsClient({ url: `${gateway.url}/graphql`, retryAttempts: 0 });
    const results: unknown[] = [];
    for await (const result of client.iterate({ query: live, variables: { ids: [] } })) {
      results.push(result);
    }
    expect(results).toMatchObject([{ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] }]);
    client.dispose();
  });
});

describe('EventSource', () => {
  it('gets the messages of a subscription as next events', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    using events = openEvents(operation(gateway, ['a']), 'next');
    await events.opened;
    await publish(device);
    const arrived = await events.inbox.take(2);
    expect(arrived.map((event) => JSON.parse(event.data as string) as unknown)).toEqual(
      data.map((of) => ({ data: of })),
    );
    events.source.close();
    await subscribers(gateway, 0);
  });

  it('gets an error as a next event', async () => {
    await using gateway = await startTestGateway();
    using events = openEvents(operation(gateway, []), 'next', 'complete');
    const [next, complete] = await events.inbox.take(2);
    events.source.close();
    expect(JSON.parse(next!.data as string)).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
    expect(complete!.type).toBe('complete');
  });

  it('reads the plain stream', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    using events = openEvents(`${gateway.url}/api/v1/stream?device_ids=a`, 'message');
    await events.opened;
    await publish(device);
    const arrived = await events.inbox.take(2);
    expect(arrived.map((event) => JSON.parse(event.data as string) as unknown)).toEqual([
      { device_id: 'a', n: 1 },
      { device_id: 'a', n: 2 },
    ]);
  });

  it('is refused by the plain stream without devices, and does not come again', async () => {
    await using gateway = await startTestGateway();
    using events = openEvents(`${gateway.url}/api/v1/stream`);
    const { code } = await new Promise<{ code?: number | undefined }>((resolve) => {
      events.source.addEventListener('error', resolve);
    });
    expect(code).toBe(400);
    expect(events.source.readyState).toBe(EventSource.CLOSED);
  });
});

describe('urql', () => {
  it('subscribes over graphql-ws', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using webSocket = webSocketClient(gateway);
    const results = new Inbox<OperationResult>();
    const subscription = urqlClient(gateway, webSocket)
      .subscription(live, { ids: ['a'] })
      .subscribe((result) => results.push(result));
    await subscribers(gateway, 1);
    await publish(device);
    expect((await results.take(2)).map((result) => result.data)).toEqual(data);
    subscription.unsubscribe();
    await subscribers(gateway, 0);
  });

  it('gets an error', async () => {
    await using gateway = await startTestGateway();
    await using webSocket = webSocketClient(gateway);
    const results = new Inbox<OperationResult>();
    // Its subscriptions never count as settled, so there is no promise to wait for.
    const subscription = urqlClient(gateway, webSocket)
      .subscription(live, { ids: [] })
      .subscribe((result) => results.push(result));
    const { error } = await results.next();
    subscription.unsubscribe();
    expect(error?.graphQLErrors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('gets the result of a query by fetch', async () => {
    await using gateway = await startTestGateway();
    await using webSocket = webSocketClient(gateway);
    const result = await urqlClient(gateway, webSocket).query(stats, {}).toPromise();
    expect(result.error).toBeUndefined();
    expect(result.data).toEqual(statsResult);
  });

  it('subscribes by fetch, over server-sent events', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const client = new Client({
      url: `${gateway.url}/graphql`,
      preferGetMethod: false,
      fetchSubscriptions: true,
      exchanges: [fetchExchange],
    });
    const results = new Inbox<OperationResult>();
    const subscription = client
      .subscription(live, { ids: ['a'] })
      .subscribe((result) => results.push(result));
    await subscribers(gateway, 1);
    await publish(device);
    expect((await results.take(2)).map((result) => result.data)).toEqual(data);
    subscription.unsubscribe();
    await subscribers(gateway, 0);
  });
});

describe('Apollo Client', () => {
  it('subscribes over GraphQLWsLink', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using webSocket = webSocketClient(gateway);
    const results = new Inbox<unknown>();
    const subscription = apolloClient(webSocket)
      .subscribe({ query: gql(live), variables: { ids: ['a'] } })
      .subscribe({ next: (result) => results.push(result.data) });
    await subscribers(gateway, 1);
    await publish(device);
    // Apollo adds `__typename` to what it asks for.
    expect(await results.take(2)).toEqual(
      data.map(({ deviceMessages }) => ({
        deviceMessages: { __typename: 'DeviceMessage', ...deviceMessages },
      })),
    );
    subscription.unsubscribe();
    await subscribers(gateway, 0);
  });

  it('updates the device that a query shows with the messages of a subscription', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using webSocket = webSocketClient(gateway);
    await device.publish('devices/a/messages', '1');
    await gateway.until(({ devicesKnown }) => devicesKnown === 1);
    const client = apolloClient(webSocket);
    const shown = new Inbox<unknown>();
    const query = client
      .watchQuery<{ device: { lastMessage: { payload: number } } }>({
        query: gql('{ device(id: "a") { id lastSeenAt lastMessage { payload } } }'),
      })
      .subscribe({
        next({ data: seen }) {
          if (seen?.device !== undefined) shown.push(seen.device.lastMessage?.payload);
        },
      });
    expect(await shown.next()).toBe(1);
    const subscription = client
      .subscribe({
        query: gql(
          'subscription { deviceMessages(deviceIds: ["a"]) { device { id lastSeenAt lastMessage { payload } } } }',
        ),
      })
      .subscribe({});
    await subscribers(gateway, 1);
    for (const n of [2, 3]) {
      await device.publish('devices/a/messages', String(n));
      expect(await shown.next()).toBe(n);
    }
    subscription.unsubscribe();
    query.unsubscribe();
  });

  it('gets an error', async () => {
    await using gateway = await startTestGateway();
    await using webSocket = webSocketClient(gateway);
    const results = new Inbox<unknown>();
    apolloClient(webSocket)
      .subscribe({ query: gql(live), variables: { ids: [] } })
      .subscribe({ next: (result) => results.push(result.error) });
    const error = await results.next();
    expect(CombinedGraphQLErrors.is(error)).toBe(true);
    expect((error as CombinedGraphQLErrors).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });

  it('gets the result of a query', async () => {
    await using gateway = await startTestGateway();
    await using webSocket = webSocketClient(gateway);
    const result = await apolloClient(webSocket).query({ query: gql(stats) });
    expect(result.data).toEqual({
      brokerStats: { __typename: 'BrokerStats', ingestConnected: true },
    });
  });

  it('is told why BatchHttpLink gets nothing', async () => {
    await using gateway = await startTestGateway();
    const client = new ApolloClient({
      link: new BatchHttpLink({ uri: `${gateway.url}/graphql` }),
      cache: new InMemoryCache(),
    });
    await expect(client.query({ query: gql(stats) })).rejects.toThrow('Batching is not supported');
    client.stop();
  });
});
