import { once } from 'node:events';
import { IncomingMessage, request } from 'node:http';
import {
  ApolloClient,
  CombinedGraphQLErrors,
  CombinedProtocolErrors,
  gql,
  HttpLink,
  InMemoryCache,
  ServerError,
} from '@apollo/client';
import { RetryLink } from '@apollo/client/link/retry';
import { meros } from 'meros/node';
import { describe, expect, it } from 'vitest';
import { connectDevice } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { Inbox } from '../support/inbox.ts';
import { openMultipart, post } from '../support/multipart.ts';
import { operationFor } from '../support/raw-subscriber.ts';

const followA = 'subscription { deviceMessages(deviceIds: ["a"]) { deviceId payload } }';
const multipart = 'multipart/mixed;subscriptionSpec=1.0';
const stats = '{ brokerStats { ingestConnected } }';
const statsResult = { data: { brokerStats: { ingestConnected: true } } };

function resultOf(deviceId: string, payload: unknown): object {
  return { data: { deviceMessages: { deviceId, payload } } };
}

describe('a multipart subscription', () => {
  it('has its headers and a first part at once, before any message', async () => {
    await using gateway = await startTestGateway();
    await using stream = await openMultipart(gateway, { query: followA });
    expect(stream.response.status).toBe(200);
    expect(Object.fromEntries(stream.response.headers)).toMatchObject({
      'content-type': 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(await stream.parts.next()).toEqual({});
    expect(stream.text).toBe(
      '\r\n--graphql\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql',
    );
    expect(gateway.stats()).toMatchObject({ activeSubscribers: 1, connections: 1 });
  });

  it('delivers messages in their order, each with the delimiter behind it', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using stream = await openMultipart(gateway, {
      query: `subscription Live($ids: [ID!]!) {
        deviceMessages(deviceIds: $ids) { deviceId payload }
      }`,
      operationName: 'Live',
      variables: { ids: ['a', 'b'] },
    });
    await device.publish('devices/c/messages', '"not for us"');
    const numbers = Array.from({ length: 500 }, (_, n) => n);
    await device.publishAll(
      numbers.map((n) => ({ topic: 'devices/a/messages', payload: String(n) })),
    );
    await device.publish('devices/b/messages', '{"n":1}');
    expect(await stream.parts.take(502)).toEqual([
      {},
      ...numbers.map((n) => ({ payload: resultOf('a', n) })),
      { payload: resultOf('b', { n: 1 }) },
    ]);
    expect(stream.text).toMatch(/\{"n":1\}\}\}\}\}\r\n--graphql$/);
  });

  it('delivers messages by GET', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const parameters = new URLSearchParams({ query: followA });
    await using stream = await openMultipart(gateway, undefined, {
      path: `/graphql?${parameters}`,
    });
    await device.publish('devices/a/messages', '1');
    expect(await stream.parts.take(2)).toEqual([{}, { payload: resultOf('a', 1) }]);
  });

  it('brings a payload as the device has sent it, in lines that end with a line feed', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using stream = await openMultipart(gateway, { query: followA });
    const payload = '{\r\n\r\n  "big": 12345678901234567890,\n  "text": "\\r\\n--graphql--"\r}';
    await device.publish('devices/a/messages', payload);
    await stream.parts.take(2);
    const lines = '{\n\n  "big": 12345678901234567890,\n  "text": "\\r\\n--graphql--"\n}';
    expect(stream.text).toContain(`"payload":${lines}}`);
  });

  it.each([
    'multipart/mixed;subscriptionSpec=1.0',
    'multipart/mixed; subscriptionSpec="1.0"',
    'Multipart/Mixed;boundary=graphql;SubscriptionSpec=1.0;q=0.9',
    'multipart/mixed;subscriptionSpec="1.0",application/json',
    'application/json, multipart/mixed;deferSpec=20220824;subscriptionSpec=1.0',
  ])('is opened for Accept: %s', async (accept) => {
    await using gateway = await startTestGateway();
    await using stream = await openMultipart(gateway, { query: followA }, { accept });
    expect(stream.response.headers.get('content-type')).toContain('subscriptionSpec=1.0');
    expect(await stream.parts.next()).toEqual({});
  });

  it.each([
    'multipart/mixed',
    'multipart/mixed;subscriptionSpec=2.0',
    'multipart/mixed;deferSpec=1.0',
  ])('is not opened for Accept: %s', async (accept) => {
    await using gateway = await startTestGateway();
    const response = await post(gateway, { query: followA }, { accept });
    expect(response.status).toBe(406);
    await response.text();
    expect(gateway.stats().activeSubscribers).toBe(0);
  });

  it('is free when the client closes', async () => {
    await using gateway = await startTestGateway();
    await using stream = await openMultipart(gateway, { query: followA });
    stream.close();
    await gateway.until(
      ({ activeSubscribers, connections }) => activeSubscribers === 0 && connections === 0,
    );
    expect(gateway.stats().devicesBeingMonitored).toBe(0);
  });

  it('says something while no device does', async () => {
    await using gateway = await startTestGateway({ keepAliveMs: 100 });
    await using stream = await openMultipart(gateway, { query: followA });
    expect(await stream.parts.take(3)).toEqual([{}, {}, {}]);
  });

  it('follows brokerStats', async () => {
    await using gateway = await startTestGateway();
    await using stream = await openMultipart(gateway, {
      query: 'subscription { brokerStats(intervalMs: 100) { connections activeSubscribers } }',
    });
    const payload = { data: { brokerStats: { connections: 1, activeSubscribers: 0 } } };
    expect(await stream.parts.take(3)).toEqual([{}, { payload }, { payload }]);
  });

  it.each([
    ['deviceMessages', followA],
    ['brokerStats', 'subscription { brokerStats(intervalMs: 3600000) { connections } }'],
  ])('ends with SHUTTING_DOWN when the gateway does: %s', async (_field, query) => {
    const gateway = await startTestGateway();
    await using stream = await openMultipart(gateway, { query });
    await gateway.close();
    const parts = await stream.rest();
    expect(parts.at(-1)).toEqual({
      payload: null,
      errors: [
        {
          message: 'The gateway is shutting down: subscribe again.',
          extensions: { code: 'SHUTTING_DOWN' },
        },
      ],
    });
    expect(stream.text).toMatch(/\r\n--graphql--\r\n$/);
  });

  it('ends with SLOW_CONSUMER when its policy is DISCONNECT', async () => {
    await using gateway = await startTestGateway({ overflow: 'disconnect' });
    await using device = await connectDevice(gateway.mqttUrl);
    const outgoing = request(`${gateway.url}/graphql`, {
      method: 'POST',
      agent: false,
      headers: { accept: multipart, 'content-type': 'application/json' },
    }).end(JSON.stringify({ query: followA }));
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    const payload = JSON.stringify('x'.repeat(100_000));
    while (gateway.stats().activeSubscribers === 1) {
      await device.publish('devices/a/messages', payload);
    }
    let text = '';
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      text = (text + chunk).slice(-1_000);
    }
    const [, last = '', end = ''] = text.split('\r\n--graphql').slice(-3);
    expect(JSON.parse(last.slice(last.indexOf('\r\n\r\n')))).toMatchObject({
      payload: null,
      errors: [{ extensions: { code: 'SLOW_CONSUMER' } }],
    });
    expect(end).toBe('--\r\n');
  });
});

describe('a query of a client that takes multipart', () => {
  it('is answered by JSON when it takes that too', async () => {
    await using gateway = await startTestGateway();
    const response = await post(
      gateway,
      { query: stats },
      { accept: `${multipart},application/json` },
    );
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toEqual(statsResult);
  });

  it('is answered by one part and the end otherwise', async () => {
    await using gateway = await startTestGateway();
    await using stream = await openMultipart(gateway, { query: stats });
    expect(await stream.rest()).toEqual([{}, { payload: statsResult }]);
    expect(stream.text).toMatch(/\}\r\n--graphql--\r\n$/);
    await gateway.until(({ connections }) => connections === 0);
  });
});

describe('a request for a multipart subscription that is refused', () => {
  const apollo3 = `${multipart},application/json`;
  const apollo4 = `${multipart},application/graphql-response+json,application/json;q=0.9`;
  it.each([
    [multipart, 400, 'application/json'],
    [apollo3, 200, 'application/json'],
    [apollo4, 400, 'application/graphql-response+json'],
  ])(
    'has the errors of an invalid document in JSON, for Accept: %s',
    async (accept, status, type) => {
      await using gateway = await startTestGateway();
      for (const query of [
        'subscription {',
        'subscription { nothing }',
        'query A { __typename } query B { __typename }',
      ]) {
        const response = await post(gateway, { query }, { accept });
        expect(response.status).toBe(status);
        expect(response.headers.get('content-type')).toBe(`${type}; charset=utf-8`);
        expect(await response.json()).toEqual({
          errors: [expect.objectContaining({ message: expect.stringMatching(/./) as string })],
        });
      }
      expect(gateway.stats().connections).toBe(0);
    },
  );

  it.each([
    [400, 'a body that is not JSON', '{'],
    [400, 'no query', '{}'],
    [400, 'extensions that are no object', '{"query":"{a}","extensions":7}'],
    [413, 'a body that is too large', JSON.stringify({ query: 'x'.repeat(1_048_577) })],
  ])('has status %i for %s', async (status, _what, body) => {
    await using gateway = await startTestGateway();
    const response = await post(gateway, body, { accept: apollo4 });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{}] });
  });

  it('has status 503 beyond maxConnections', async () => {
    await using gateway = await startTestGateway({ maxConnections: 1 });
    await using stream = await openMultipart(gateway, { query: followA });
    await stream.parts.next();
    const refused = await post(gateway, { query: followA }, { accept: apollo4 });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ errors: [{ message: 'Too many connections.' }] });
  });

  it('has its errors in a part when its resolver refuses it', async () => {
    await using gateway = await startTestGateway();
    await using stream = await openMultipart(gateway, {
      query: followA.replace('"a"', ''),
    });
    expect(await stream.rest()).toMatchObject([
      {},
      { payload: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] } },
    ]);
    expect(gateway.stats().activeSubscribers).toBe(0);
  });
});

describe('Apollo Client over HttpLink', () => {
  const query = gql(
    'subscription Live($ids: [ID!]!) { deviceMessages(deviceIds: $ids) { deviceId payload } }',
  );

  function client(gateway: TestGateway): ApolloClient {
    return new ApolloClient({
      link: new HttpLink({ uri: `${gateway.url}/graphql` }),
      cache: new InMemoryCache(),
    });
  }

  it('gets each message as it comes, and frees the subscription when it unsubscribes', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const results = new Inbox<unknown>();
    const subscription = client(gateway)
      .subscribe({ query, variables: { ids: ['a'] } })
      .subscribe({ next: (result) => results.push(result) });
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
    for (const n of [1, 2]) {
      await device.publish('devices/a/messages', `{"n":${n}}`);
      // Taken before the next one is sent: nothing waits for what comes behind it.
      expect(await results.next()).toEqual({
        data: { deviceMessages: { __typename: 'DeviceMessage', deviceId: 'a', payload: { n } } },
      });
    }
    subscription.unsubscribe();
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 0);
  });

  /** What it tells until it completes, or the error it ends with. */
  function toldBy(apollo: ApolloClient, document: typeof query, ids: string[]): Promise<unknown[]> {
    return new Promise((resolve) => {
      const told: unknown[] = [];
      apollo.subscribe({ query: document, variables: { ids }, fetchPolicy: 'no-cache' }).subscribe({
        next: ({ data, error }) => told.push(error ?? data),
        error: (error: unknown) => resolve([...told, error]),
        complete: () => resolve([...told, 'complete']),
      });
    });
  }

  it('gets the errors of a refused subscription as errors of GraphQL, and its end', async () => {
    await using gateway = await startTestGateway();
    const [error, end] = await toldBy(client(gateway), query, []);
    expect(CombinedGraphQLErrors.is(error)).toBe(true);
    expect(error).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    expect(end).toBe('complete');
  });

  it('gets the errors of an invalid document as errors of GraphQL', async () => {
    await using gateway = await startTestGateway();
    const invalid = gql('subscription Live($ids: [ID!]!) { nothing(ids: $ids) }');
    const [error, end] = await toldBy(client(gateway), invalid, ['a']);
    expect(CombinedGraphQLErrors.is(error)).toBe(true);
    expect(end).toBe('complete');
  });

  it('gets an error of the transport beyond maxConnections', async () => {
    await using gateway = await startTestGateway({ maxConnections: 1 });
    await using stream = await openMultipart(gateway, { query: followA });
    await stream.parts.next();
    const [error] = await toldBy(client(gateway), query, ['a']);
    expect(ServerError.is(error) && error.statusCode).toBe(503);
  });

  it('does not take a shutdown for completion', async () => {
    const gateway = await startTestGateway();
    const told = toldBy(client(gateway), query, ['a']);
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
    await gateway.close();
    const [error] = await told;
    expect(CombinedProtocolErrors.is(error)).toBe(true);
    expect(error).toMatchObject({ errors: [{ extensions: { code: 'SHUTTING_DOWN' } }] });
  });

  it('comes back by its RetryLink after a shutdown', async () => {
    const first = await startTestGateway();
    await using second = await startTestGateway();
    await using device = await connectDevice(second.mqttUrl);
    const gateways = [first, second];
    const link = new HttpLink({ uri: () => `${gateways.shift()!.url}/graphql` });
    const results = new Inbox<unknown>();
    const apollo = new ApolloClient({
      link: new RetryLink({ delay: { initial: 0 } }).concat(link),
      cache: new InMemoryCache(),
    });
    const subscription = apollo
      .subscribe({ query, variables: { ids: ['a'] } })
      .subscribe({ next: ({ data }) => results.push(data) });
    await first.until(({ activeSubscribers }) => activeSubscribers === 1);
    await first.close();
    await second.until(({ activeSubscribers }) => activeSubscribers === 1);
    await device.publish('devices/a/messages', '1');
    expect(await results.next()).toMatchObject({ deviceMessages: { payload: 1 } });
    subscription.unsubscribe();
  });

  it('gets the result of a query', async () => {
    await using gateway = await startTestGateway();
    const { data } = await client(gateway).query({ query: gql(stats) });
    expect(data).toMatchObject(statsResult.data);
  });
});

describe('meros', () => {
  it('gets each message as it comes', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const outgoing = request(`${gateway.url}/graphql`, {
      method: 'POST',
      agent: false,
      headers: { accept: multipart, 'content-type': 'application/json' },
    }).end(JSON.stringify(operationFor('a')));
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    const parts = await meros(response);
    if (parts instanceof IncomingMessage) throw new Error('not read as multipart');
    expect((await parts.next()).value).toMatchObject({ json: true, body: {} });
    for (const n of [1, 2]) {
      await device.publish('devices/a/messages', `${n}`);
      expect((await parts.next()).value).toMatchObject({
        json: true,
        headers: { 'content-type': 'application/json' },
        body: { payload: { data: { deviceMessages: { payload: n } } } },
      });
    }
    await gateway.close();
    expect((await parts.next()).value).toMatchObject({
      body: { payload: null, errors: [{ extensions: { code: 'SHUTTING_DOWN' } }] },
    });
    expect((await parts.next()).done).toBe(true);
  });
});
