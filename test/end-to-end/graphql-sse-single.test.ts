import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { getIntrospectionQuery } from 'graphql';
import { createClient, type Client } from 'graphql-sse';
import { describe, expect, it } from 'vitest';
import { connectDevice } from '../support/device.ts';
import { openEventStream, type EventStreamReader } from '../support/event-stream.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { Inbox } from '../support/inbox.ts';

const followA = 'subscription { deviceMessages(deviceIds: ["a"]) { deviceId payload } }';
const followB = followA.replace('"a"', '"b"');
const stats = 'query { brokerStats { ingestConnected } }';
const header = 'x-graphql-event-stream-token';

async function reserve(gateway: TestGateway): Promise<string> {
  const response = await fetch(`${gateway.url}/graphql`, { method: 'PUT' });
  expect(response.status).toBe(201);
  return response.text();
}

function open(gateway: TestGateway, token: string): Promise<EventStreamReader> {
  return openEventStream(`${gateway.url}/graphql?token=${token}`);
}

function operate(
  gateway: TestGateway,
  token: string,
  operationId: unknown,
  query = followA,
): Promise<Response> {
  return post(gateway, token, JSON.stringify({ query, extensions: { operationId } }));
}

function post(gateway: TestGateway, token: string, body: string): Promise<Response> {
  return fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [header]: token },
    body,
  });
}

function complete(gateway: TestGateway, token: string, id: string): Promise<Response> {
  return fetch(`${gateway.url}/graphql?operationId=${encodeURIComponent(id)}`, {
    method: 'DELETE',
    headers: { [header]: token },
  });
}

function nextOf(id: string, deviceId: string, payload: unknown): { event: string; data: string } {
  const result = { data: { deviceMessages: { deviceId, payload } } };
  return { event: 'next', data: JSON.stringify({ id, payload: result }) };
}

function completeOf(id: string): { event: string; data: string } {
  return { event: 'complete', data: JSON.stringify({ id }) };
}

describe('a reservation', () => {
  it('is made by PUT, and its token is text that cannot be guessed', async () => {
    await using gateway = await startTestGateway();
    const response = await fetch(`${gateway.url}/graphql`, { method: 'PUT' });
    expect(response.status).toBe(201);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    });
    const token = await response.text();
    expect(token).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(await reserve(gateway)).not.toBe(token);
  });

  it('takes no place from others, and its stream has one', async () => {
    await using gateway = await startTestGateway({ maxConnections: 1 });
    const token = await reserve(gateway);
    expect(gateway.stats().connections).toBe(1);
    // Of a connection that carries nothing, a newcomer takes the place.
    await reserve(gateway);
    await using stream = await open(gateway, token);
    expect(stream.response.status).toBe(200);
    const refused = await fetch(`${gateway.url}/graphql`, {
      headers: { accept: 'text/plain' },
      method: 'PUT',
    });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({
      errors: [{ message: 'Too many connections.', extensions: { code: 'LIMIT_EXCEEDED' } }],
    });
  });

  it('is refused to a client that takes no text', async () => {
    await using gateway = await startTestGateway();
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'PUT',
      headers: { accept: 'application/json' },
    });
    expect(response.status).toBe(406);
    await response.text();
    expect(gateway.stats().connections).toBe(0);
  });

  it('is not made over again', async () => {
    await using gateway = await startTestGateway();
    const token = await reserve(gateway);
    for (const [sent, status] of [
      [token, 409],
      ['unknown', 404],
    ] as const) {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'PUT',
        headers: { [header]: sent },
      });
      expect(response.status).toBe(status);
      await response.text();
    }
    expect(gateway.stats().connections).toBe(1);
  });

  it('does not hold up a shutdown', async () => {
    const gateway = await startTestGateway({ drainMs: 3_600_000 });
    const token = await reserve(gateway);
    expect((await operate(gateway, token, '1')).status).toBe(202);
    await gateway.close();
    expect(gateway.stats()).toMatchObject({ connections: 0, activeSubscribers: 0 });
  });
});

describe('the stream of a reservation', () => {
  it.each<[string, (url: string, token: string) => Promise<EventStreamReader>]>([
    ['by GET, token in the URL', (url, token) => openEventStream(`${url}?token=${token}`)],
    [
      'by GET, token in the header',
      (url, token) => openEventStream(url, { headers: { [header]: token } }),
    ],
    [
      'by POST',
      (url, token) =>
        openEventStream(url, { method: 'POST', body: 'any', headers: { [header]: token } }),
    ],
  ])('is opened %s, and has its first byte at once', async (_how, openStream) => {
    await using gateway = await startTestGateway();
    const token = await reserve(gateway);
    await using stream = await openStream(`${gateway.url}/graphql`, token);
    expect(stream.response.status).toBe(200);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await stream.firstText).toMatch(/^:\nretry: \d+\n\n/);
    stream.close();
    await gateway.until(({ connections }) => connections === 0);
  });

  it('is one at a time', async () => {
    await using gateway = await startTestGateway();
    const token = await reserve(gateway);
    await using stream = await open(gateway, token);
    await using second = await open(gateway, token);
    expect(second.response.status).toBe(409);
    expect((await operate(gateway, token, '1', stats)).status).toBe(202);
    expect((await stream.take(2))[1]).toEqual(completeOf('1'));
  });

  it('needs a token that is known', async () => {
    await using gateway = await startTestGateway();
    await using stream = await open(gateway, 'unknown');
    expect(stream.response.status).toBe(404);
  });

  it('ends all its operations and the reservation when it is lost', async () => {
    await using gateway = await startTestGateway();
    const token = await reserve(gateway);
    await using stream = await open(gateway, token);
    const ticks = 'subscription { brokerStats(intervalMs: 3600000) { connections } }';
    for (const [id, query] of [
      ['1', followA],
      ['2', followB],
      ['3', ticks],
    ] as const) {
      expect((await operate(gateway, token, id, query)).status).toBe(202);
    }
    expect(gateway.stats()).toMatchObject({ activeSubscribers: 2, connections: 1 });
    stream.close();
    await gateway.until(
      ({ activeSubscribers, connections }) => activeSubscribers === 0 && connections === 0,
    );
    expect((await operate(gateway, token, '4')).status).toBe(404);
  });

  it('says something while no device does', async () => {
    await using gateway = await startTestGateway({ keepAliveMs: 100 });
    const token = await reserve(gateway);
    await using stream = await open(gateway, token);
    await gateway.until(() => stream.text.endsWith('\n\n:\n\n:\n\n'));
  });

  it('is given up when its client goes on asking and reads nothing', async () => {
    await using gateway = await startTestGateway();
    const token = await reserve(gateway);
    const outgoing = request(`${gateway.url}/graphql?token=${token}`, {
      agent: false,
      headers: { accept: 'text/event-stream' },
    }).end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    response.on('error', () => undefined);
    const query = getIntrospectionQuery();
    while (gateway.stats().connections > 0) await operate(gateway, token, 'schema', query);
    expect((await operate(gateway, token, 'schema', query)).status).toBe(404);
    response.destroy();
  });

  it('ends without complete when the gateway ends, so that the client comes back', async () => {
    const gateway = await startTestGateway();
    const token = await reserve(gateway);
    await using stream = await open(gateway, token);
    expect((await operate(gateway, token, '1')).status).toBe(202);
    await gateway.close();
    expect(await stream.rest()).toEqual([]);
  });
});

describe('an operation of a reservation', () => {
  it('sends its messages over the stream, under its id and in their order', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const token = await reserve(gateway);
    await using stream = await open(gateway, token);
    // The same selection: one rendering, and a head for each.
    for (const id of ['1', 'a "second"\n one']) {
      const response = await operate(gateway, token, id);
      expect(response.status).toBe(202);
      expect(await response.text()).toBe('');
    }
    expect((await operate(gateway, token, 'b', followB)).status).toBe(202);
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    await device.publishAll(
      numbers.map((n) => ({ topic: 'devices/a/messages', payload: String(n) })),
    );
    await device.publish('devices/b/messages', '{"n":1}');
    expect(await stream.take(401)).toEqual([
      ...numbers.flatMap((n) => [nextOf('1', 'a', n), nextOf('a "second"\n one', 'a', n)]),
      nextOf('b', 'b', { n: 1 }),
    ]);
  });

  it('may come by GET', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const token = await reserve(gateway);
    await using stream = await open(gateway, token);
    const parameters = new URLSearchParams({
      query: followA,
      extensions: '{"operationId":"1"}',
      token,
    });
    expect((await fetch(`${gateway.url}/graphql?${parameters}`)).status).toBe(202);
    await device.publish('devices/a/messages', '1');
    expect(await stream.next()).toEqual(nextOf('1', 'a', 1));
  });

  it('lays a pretty-printed payload over several data lines', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const token = await reserve(gateway);
    await using stream = await open(gateway, token);
    expect((await operate(gateway, token, '1')).status).toBe(202);
    await device.publish('devices/a/messages', '{\n  "big": 12345678901234567890\r\n}');
    expect((await stream.next()).data).toBe(
      '{"id":"1","payload":{"data":{"deviceMessages":{"deviceId":"a","payload":{\n  "big": 12345678901234567890\n}}}}}',
    );
  });

  it('is completed by DELETE, and its id is free again', async () => {
    await using gateway = await startTestGateway();
    const token = await reserve(gateway);
    await using stream = await open(gateway, token);
    const ticks = 'subscription { brokerStats(intervalMs: 3600000) { connections } }';
    for (const query of [followA, ticks, followA]) {
      expect((await operate(gateway, token, 'x&y', query)).status).toBe(202);
      if (query === ticks) await stream.next();
      const response = await complete(gateway, token, 'x&y');
      expect(response.status).toBe(200);
      expect(await stream.next()).toEqual(completeOf('x&y'));
      expect(gateway.stats().activeSubscribers).toBe(0);
    }
    // One that has completed by itself in the meantime is no error.
    expect((await complete(gateway, token, 'x&y')).status).toBe(200);
  });

  it('brings the result of a query and its end', async () => {
    await using gateway = await startTestGateway();
    const token = await reserve(gateway);
    await using stream = await open(gateway, token);
    expect((await operate(gateway, token, '1', stats)).status).toBe(202);
    expect(await stream.take(2)).toEqual([
      {
        event: 'next',
        data: '{"id":"1","payload":{"data":{"brokerStats":{"ingestConnected":true}}}}',
      },
      completeOf('1'),
    ]);
  });

  it('brings the errors of a subscription that its resolver refuses, and its end', async () => {
    await using gateway = await startTestGateway();
    const token = await reserve(gateway);
    await using stream = await open(gateway, token);
    const query = followA.replace('"a"', '');
    expect((await operate(gateway, token, '1', query)).status).toBe(202);
    const [next, end] = await stream.take(2);
    expect(JSON.parse(next!.data)).toMatchObject({
      id: '1',
      payload: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    });
    expect(end).toEqual(completeOf('1'));
  });

  it('is kept for the stream when that comes later', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const token = await reserve(gateway);
    expect((await operate(gateway, token, 'live')).status).toBe(202);
    expect((await operate(gateway, token, 'query', stats)).status).toBe(202);
    expect((await operate(gateway, token, 'gone', followB)).status).toBe(202);
    expect((await complete(gateway, token, 'gone')).status).toBe(200);
    await device.publish('devices/a/messages', '1');
    await gateway.until(({ messagesQueued }) => messagesQueued === 1);
    await using stream = await open(gateway, token);
    await device.publish('devices/a/messages', '2');
    const events = await stream.take(5);
    expect(events.filter(({ data }) => data.includes('"live"'))).toEqual([
      nextOf('live', 'a', 1),
      nextOf('live', 'a', 2),
    ]);
    expect(events.map(({ event, data }) => [event, JSON.parse(data).id as string])).toEqual(
      expect.arrayContaining([
        ['next', 'query'],
        ['complete', 'query'],
        ['complete', 'gone'],
      ]),
    );
  });

  it('has LIMIT_EXCEEDED beyond maxSubscriptionsPerConnection', async () => {
    await using gateway = await startTestGateway({ maxSubscriptionsPerConnection: 2 });
    const token = await reserve(gateway);
    for (const id of ['1', '2']) expect((await operate(gateway, token, id)).status).toBe(202);
    // Without a stream it can be told here alone.
    expect((await operate(gateway, token, '3')).status).toBe(429);
    await using stream = await open(gateway, token);
    expect((await operate(gateway, token, '3')).status).toBe(202);
    const [next, end] = await stream.take(2);
    expect(JSON.parse(next!.data)).toMatchObject({
      id: '3',
      payload: { errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] },
    });
    expect(end).toEqual(completeOf('3'));
    expect((await complete(gateway, token, '1')).status).toBe(200);
    expect(await stream.next()).toEqual(completeOf('1'));
    expect((await operate(gateway, token, '3')).status).toBe(202);
    expect(gateway.stats().activeSubscribers).toBe(2);
  });
});

describe('a request of a reservation that is refused', () => {
  const operation = { query: followA, extensions: { operationId: '1' } };
  it.each<[number, string, string]>([
    [400, 'a body that is not JSON', '{'],
    [400, 'no query', '{"extensions":{"operationId":"1"}}'],
    [400, 'no extensions', JSON.stringify({ query: followA })],
    [400, 'extensions that are no object', JSON.stringify({ query: followA, extensions: [] })],
    [400, 'no operation id', JSON.stringify({ query: followA, extensions: {} })],
    [
      400,
      'an empty operation id',
      JSON.stringify({ query: followA, extensions: { operationId: '' } }),
    ],
    [
      400,
      'an operation id that is no text',
      JSON.stringify({ query: followA, extensions: { operationId: 7 } }),
    ],
    [
      400,
      'an operation id that is too long',
      JSON.stringify({ query: followA, extensions: { operationId: 'x'.repeat(257) } }),
    ],
    [400, 'a syntax error', JSON.stringify({ ...operation, query: '{' })],
    [400, 'an unknown field', JSON.stringify({ ...operation, query: '{ nothing }' })],
    [
      413,
      'a body that is too large',
      JSON.stringify({ ...operation, query: 'x'.repeat(1_048_577) }),
    ],
  ])('has status %i for %s', async (status, _what, body) => {
    await using gateway = await startTestGateway();
    const token = await reserve(gateway);
    const response = await post(gateway, token, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.stringMatching(/./) as string }],
    });
    expect(gateway.stats().activeSubscribers).toBe(0);
  });

  it('has status 409 for an id that is in use', async () => {
    await using gateway = await startTestGateway();
    const token = await reserve(gateway);
    await using stream = await open(gateway, token);
    expect(stream.response.status).toBe(200);
    expect((await operate(gateway, token, '1')).status).toBe(202);
    expect((await operate(gateway, token, '1', followB)).status).toBe(409);
    // Another client's ids are its own.
    expect((await operate(gateway, await reserve(gateway), '1')).status).toBe(202);
    expect(gateway.stats().activeSubscribers).toBe(2);
  });

  it('has status 404 for a token that is not known', async () => {
    await using gateway = await startTestGateway();
    await reserve(gateway);
    expect((await operate(gateway, 'unknown', '1')).status).toBe(404);
    expect((await complete(gateway, 'unknown', '1')).status).toBe(404);
    const parameters = new URLSearchParams({ query: stats, token: 'unknown' });
    expect((await fetch(`${gateway.url}/graphql?${parameters}`)).status).toBe(404);
  });

  it('has status 400 for a DELETE without an id', async () => {
    await using gateway = await startTestGateway();
    const token = await reserve(gateway);
    expect((await complete(gateway, token, '')).status).toBe(400);
  });
});

describe('the graphql-sse client with a single connection', () => {
  function connect(gateway: TestGateway): Client<true> & Disposable {
    const client = createClient({
      url: `${gateway.url}/graphql`,
      singleConnection: true,
      retryAttempts: 0,
    });
    return Object.assign(client, { [Symbol.dispose]: () => client.dispose() });
  }

  it('gets the messages of several subscriptions, and frees each when it unsubscribes', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    using client = connect(gateway);
    const inboxes = [followA, followB].map((query) => {
      const inbox = new Inbox<unknown>();
      const unsubscribe = client.subscribe(
        { query },
        {
          next: (result) => inbox.push(result),
          error: (error) => inbox.end(error as Error),
          complete: () => inbox.end(new Error('complete')),
        },
      );
      return { inbox, unsubscribe };
    });
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 2);
    expect(gateway.stats().connections).toBe(1);
    await device.publish('devices/a/messages', '{\n  "n": 1\n}');
    await device.publish('devices/b/messages', '2');
    await device.publish('devices/a/messages', '3');
    const [a, b] = inboxes;
    const messageOf = (deviceId: string, payload: unknown): object => ({
      data: { deviceMessages: { deviceId, payload } },
    });
    expect(await a!.inbox.take(2)).toEqual([messageOf('a', { n: 1 }), messageOf('a', 3)]);
    expect(await b!.inbox.next()).toEqual(messageOf('b', 2));
    a!.unsubscribe();
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
    await device.publish('devices/b/messages', '4');
    expect(await b!.inbox.next()).toEqual(messageOf('b', 4));
    b!.unsubscribe();
    await gateway.until(({ connections }) => connections === 0);
    expect(gateway.stats().activeSubscribers).toBe(0);
  });

  it('gets the result of a query, the errors of a refused subscription, and their ends', async () => {
    await using gateway = await startTestGateway();
    using client = connect(gateway);
    const results: unknown[] = [];
    for await (const result of client.iterate({ query: stats })) results.push(result);
    const query = followA.replace('"a"', '');
    for await (const result of client.iterate({ query })) results.push(result);
    expect(results).toMatchObject([
      { data: { brokerStats: { ingestConnected: true } } },
      { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    ]);
  });

  it('does not take a shutdown for completion', async () => {
    const gateway = await startTestGateway();
    using client = connect(gateway);
    const first = client.iterate({ query: followA }).next();
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
    await Promise.all([expect(first).rejects.toThrow(/./), gateway.close()]);
  });
});
