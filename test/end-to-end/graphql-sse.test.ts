import { createClient } from 'graphql-sse';
import { describe, expect, it } from 'vitest';
import { connectDevice } from '../support/device.ts';
import { openEventStream, type EventStreamReader } from '../support/event-stream.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

const followA = 'subscription { deviceMessages(deviceIds: ["a"]) { deviceId payload } }';

function post(gateway: TestGateway, body: unknown): Promise<EventStreamReader> {
  return openEventStream(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function get(gateway: TestGateway, parameters: Record<string, string>): Promise<EventStreamReader> {
  return openEventStream(`${gateway.url}/graphql?${new URLSearchParams(parameters)}`);
}

async function subscribers(gateway: TestGateway, count: number): Promise<void> {
  await until(
    `${count} subscriptions are open`,
    () => gateway.stats().activeSubscribers === count,
    () => gateway.stats(),
  );
}

function nextOf(deviceId: string, payload: unknown): { event: string; data: string } {
  return {
    event: 'next',
    data: JSON.stringify({ data: { deviceMessages: { deviceId, payload } } }),
  };
}

describe('a subscription over server-sent events', () => {
  it('has its headers and a first byte at once, before any message', async () => {
    await using gateway = await startTestGateway();
    await using stream = await post(gateway, { query: followA });
    expect(stream.response.status).toBe(200);
    expect(Object.fromEntries(stream.response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(await stream.firstText).toMatch(/^:\nretry: \d+\nid: \S+\n\n/);
  });

  it('delivers messages in their order as next events, by POST', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using stream = await post(gateway, {
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
    expect(await stream.take(501)).toEqual([
      ...numbers.map((n) => nextOf('a', n)),
      nextOf('b', { n: 1 }),
    ]);
  });

  it.each([
    ['one device', ['a']],
    ['several devices', ['a', 'b']],
  ])('of %s has no ids when its client wants none', async (_what, ids) => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const query = `subscription { deviceMessages(deviceIds: ${JSON.stringify(ids)}) { deviceId payload } }`;
    const headers = { 'content-type': 'application/json' };
    const url = `${gateway.url}/graphql?eventIds=off`;
    await using byGet = await get(gateway, { query, eventIds: 'off' });
    await using byPost = await openEventStream(url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query }),
    });
    await using withIds = await get(gateway, { query });
    await device.publish('devices/a/messages', '1');
    for (const stream of [byGet, byPost, withIds])
      expect(await stream.next()).toEqual(nextOf('a', 1));
    expect(byGet.text).not.toMatch(/^id:/m);
    expect(byPost.text).not.toMatch(/^id:/m);
    // An id that another stream had is read all the same.
    const lastEventId = withIds.lastEventId;
    await device.publish('devices/a/messages', '2');
    expect(await byPost.next()).toEqual(nextOf('a', 2));
    await using resumed = await get(gateway, { query, eventIds: 'off', lastEventId });
    expect(await resumed.next()).toEqual(nextOf('a', 2));
    expect(resumed.text).not.toMatch(/^id:/m);
  });

  it('delivers messages by GET', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using stream = await get(gateway, {
      query: `query Unused { __typename }
        subscription Live($ids: [ID!]!) { deviceMessages(deviceIds: $ids) { deviceId payload } }`,
      operationName: 'Live',
      variables: '{"ids":["größe & more"]}',
    });
    await device.publish('devices/größe & more/messages', '1');
    expect(await stream.next()).toEqual(nextOf('größe & more', 1));
  });

  it('keeps two streams apart that differ in their devices alone', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using first = await post(gateway, { query: followA });
    await using second = await post(gateway, { query: followA.replace('"a"', '"b"') });
    await device.publish('devices/a/messages', '1');
    await device.publish('devices/b/messages', '2');
    expect(await second.next()).toEqual(nextOf('b', 2));
    expect(await first.next()).toEqual(nextOf('a', 1));
  });

  it('lays a pretty-printed payload over several data lines, which give the same text again', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using stream = await post(gateway, { query: followA });
    const payload = '{\n  "big": 12345678901234567890,\r\n  "e": 1E+2\r}';
    await device.publish('devices/a/messages', payload);
    const { data } = await stream.next();
    expect(data).toBe(
      '{"data":{"deviceMessages":{"deviceId":"a","payload":{\n  "big": 12345678901234567890,\n  "e": 1E+2\n}}}}',
    );
    expect(stream.text).toContain('\ndata:   "e": 1E+2\n');
  });

  it('is free when the client closes', async () => {
    await using gateway = await startTestGateway();
    await using stream = await post(gateway, { query: followA });
    expect(gateway.stats()).toMatchObject({ activeSubscribers: 1, connections: 1 });
    stream.close();
    await subscribers(gateway, 0);
    await until('the connection is gone', () => gateway.stats().connections === 0);
    expect(gateway.stats().devicesBeingMonitored).toBe(0);
  });

  it('ends without complete when the gateway ends, so that the client comes back', async () => {
    const gateway = await startTestGateway();
    await using stream = await post(gateway, { query: followA });
    await gateway.close();
    expect(await stream.rest()).toEqual([]);
  });

  it('says something while no device does', async () => {
    await using gateway = await startTestGateway({ keepAliveMs: 100 });
    await using stream = await post(gateway, { query: followA });
    await until('two more comments have come', () => stream.text.endsWith('\n\n:\n\n:\n\n'));
  });

  it('follows brokerStats', async () => {
    await using gateway = await startTestGateway();
    await using stream = await post(gateway, {
      query: 'subscription { brokerStats(intervalMs: 100) { connections activeSubscribers } }',
    });
    const stats = {
      event: 'next',
      data: '{"data":{"brokerStats":{"connections":1,"activeSubscribers":0}}}',
    };
    expect(await stream.take(2)).toEqual([stats, stats]);
  });
});

describe('an operation over server-sent events', () => {
  it('is answered by next and complete for a query', async () => {
    await using gateway = await startTestGateway();
    await using stream = await get(gateway, { query: '{ brokerStats { ingestConnected } }' });
    expect(await stream.rest()).toEqual([
      { event: 'next', data: '{"data":{"brokerStats":{"ingestConnected":true}}}' },
      { event: 'complete', data: '' },
    ]);
  });

  it('is answered by JSON for a query of a client that takes either', async () => {
    await using gateway = await startTestGateway();
    const accept =
      'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed';
    const query = '{ brokerStats { ingestConnected } }';
    for (const response of [
      await fetch(`${gateway.url}/graphql?${new URLSearchParams({ query })}`, {
        headers: { accept },
      }),
      await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { accept, 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      }),
    ]) {
      expect(response.headers.get('content-type')).toMatch(/^application\/.*json/);
      expect(await response.json()).toEqual({ data: { brokerStats: { ingestConnected: true } } });
    }
  });

  it('is a stream for a subscription of a client that takes either', async () => {
    await using gateway = await startTestGateway();
    await using stream = await openEventStream(
      `${gateway.url}/graphql?${new URLSearchParams({ query: followA })}`,
      { headers: { accept: 'application/json, text/event-stream' } },
    );
    expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
    expect(gateway.stats().activeSubscribers).toBe(1);
  });

  it.each([
    ['a syntax error', 'subscription {'],
    ['an unknown field', 'subscription { deviceMessages(deviceIds: ["a"]) { nothing } }'],
    ['two operations and no name', 'query A { __typename } query B { __typename }'],
  ])('has its errors in the stream for %s', async (_what, query) => {
    await using gateway = await startTestGateway();
    await using stream = await post(gateway, { query });
    expect(stream.response.status).toBe(200);
    const [next, complete, ...more] = await stream.rest();
    expect(next!.event).toBe('next');
    expect(JSON.parse(next!.data)).toEqual({
      errors: [expect.objectContaining({ message: expect.stringMatching(/./) as string })],
    });
    expect(complete).toEqual({ event: 'complete', data: '' });
    expect(more).toEqual([]);
  });

  it.each([
    ['no device', '[]'],
    ['a bad device id', '["\\n"]'],
    ['too many devices', '["a", "b", "c"]'],
  ])('has BAD_USER_INPUT in the stream for %s', async (_what, ids) => {
    await using gateway = await startTestGateway({ maxDeviceIds: 2 });
    await using stream = await post(gateway, {
      query: `subscription { deviceMessages(deviceIds: ${ids}) { payload } }`,
    });
    const [next, complete, ...more] = await stream.rest();
    expect(JSON.parse(next!.data)).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
    expect(complete!.event).toBe('complete');
    expect(more).toEqual([]);
    expect(gateway.stats()).toMatchObject({ activeSubscribers: 0 });
  });
});

describe('a request that is none', () => {
  const json = { 'content-type': 'application/json' };
  type RequestParts = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };
  const tooLarge = JSON.stringify({ query: `{ __typename } # ${'x'.repeat(1_048_576)}` });
  it.each<[number, string, string, RequestParts]>([
    [400, 'a GET without a query', '?variables={}', {}],
    [400, 'variables that are not JSON', '?query={a}&variables={', {}],
    [400, 'variables that are no object', '?query={a}&variables=[]', {}],
    [400, 'a body that is not JSON', '', { method: 'POST', headers: json, body: '{' }],
    [400, 'an empty body', '', { method: 'POST', headers: json, body: '' }],
    [400, 'a batch', '', { method: 'POST', headers: json, body: '[{"query":"{a}"}]' }],
    [400, 'a query that is no string', '', { method: 'POST', headers: json, body: '{"query":7}' }],
    [413, 'a body that is too large', '', { method: 'POST', headers: json, body: tooLarge }],
    [
      415,
      'a form',
      '',
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"query":"{a}"}' },
    ],
    [406, 'a PUT', '', { method: 'PUT', headers: json, body: JSON.stringify({ query: followA }) }],
    [400, 'a DELETE without a token', '', { method: 'DELETE' }],
    [405, 'a PATCH', '', { method: 'PATCH' }],
  ])('is answered with %i: %s', async (status, _what, query, init) => {
    await using gateway = await startTestGateway();
    const response = await fetch(`${gateway.url}/graphql${query}`, {
      ...init,
      headers: { ...init.headers, accept: 'text/event-stream' },
    });
    expect(response.status).toBe(status);
    await response.text();
    expect(gateway.stats().connections).toBe(0);
  });

  it('is answered with 503 beyond maxConnections', async () => {
    await using gateway = await startTestGateway({ maxConnections: 1 });
    await using stream = await post(gateway, { query: followA });
    expect(stream.response.status).toBe(200);
    await using refused = await post(gateway, { query: followA });
    expect(refused.response.status).toBe(503);
  });
});

describe('the graphql-sse client', () => {
  it('gets messages, and frees the subscription when it returns', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const client = createClient({ url: `${gateway.url}/graphql`, retryAttempts: 0 });
    const results = client.iterate({ query: followA });
    const first = results.next();
    await subscribers(gateway, 1);
    await device.publish('devices/a/messages', '{"n":1}');
    await device.publish('devices/a/messages', '{"n":2}');
    expect(await first).toEqual({
      done: false,
      value: { data: { deviceMessages: { deviceId: 'a', payload: { n: 1 } } } },
    });
    expect((await results.next()).value).toMatchObject({
      data: { deviceMessages: { payload: { n: 2 } } },
    });
    await results.return?.();
    await subscribers(gateway, 0);
    client.dispose();
  });

  it('gets the result of a query and its end', async () => {
    await using gateway = await startTestGateway();
    const client = createClient({ url: `${gateway.url}/graphql`, retryAttempts: 0 });
    const results: unknown[] = [];
    for await (const result of client.iterate({ query: '{ brokerStats { ingestConnected } }' })) {
      results.push(result);
    }
    expect(results).toEqual([{ data: { brokerStats: { ingestConnected: true } } }]);
    client.dispose();
  });

  it('gets the errors of a refused subscription and its end', async () => {
    await using gateway = await startTestGateway();
    const client = createClient({ url: `${gateway.url}/graphql`, retryAttempts: 0 });
    const results: unknown[] = [];
    const query = followA.replace('"a"', '');
    for await (const result of client.iterate({ query })) results.push(result);
    expect(results).toMatchObject([{ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] }]);
    client.dispose();
  });
});
