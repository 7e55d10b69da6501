import { describe, expect, it, vi } from 'vitest';
import { createSluiceClient } from '../../client/index.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { startPlayedGateway } from '../support/played-gateway.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { Statuses } from '../support/statuses.ts';
import { until } from '../support/until.ts';

const quick = { minRetryMs: 1, maxRetryMs: 5 };
const document = 'subscription { anything }';

describe('a dead link', () => {
  it.each(['ws', 'sse'] as const)('is noticed over %s, and replaced', async (transport) => {
    await using gateway = await startTestGateway({ keepAliveMs: 1000 });
    await using proxy = await startTcpProxy(gateway.url);
    await using device = await connectDevice(gateway.mqttUrl);
    const statuses = new Statuses();
    const client = createSluiceClient({
      url: `${proxy.url}/graphql`,
      transport,
      onStatus: statuses.take,
      pingIntervalMs: 20,
      pongTimeoutMs: 100,
      silenceTimeoutMs: 1500,
      ...quick,
    });
    const stream = client.deviceMessages({ deviceIds: ['a'] });
    await gateway.until((stats) => stats.activeSubscribers === 1);
    // A message that has come says that the stream is open on this side too.
    await device.publish('devices/a/messages', '0');
    await stream.next();
    proxy.stall();
    await device.publish('devices/a/messages', '1');
    await statuses.until('reconnecting');
    expect(statuses.all.find(({ state }) => state === 'reconnecting')).toMatchObject({
      reason: expect.stringContaining(
        transport === 'ws' ? 'answer to a ping' : 'nothing came',
      ) as string,
    });
    expect((await stream.next()).value?.payload).toBe(1);
    await client.close();
  });
});

it('takes a link for dead on which a last message came between a ping and its pong', async () => {
  await using gateway = await startPlayedGateway({ insteadOfPong: { data: { anything: 1 } } });
  const statuses = new Statuses();
  const client = createSluiceClient({
    url: gateway.url,
    transport: 'ws',
    onStatus: statuses.take,
    pingIntervalMs: 10,
    pongTimeoutMs: 50,
    ...quick,
  });
  const stream = client.subscribe(document, {});
  expect((await stream.next()).value).toEqual({ anything: 1 });
  await statuses.until('reconnecting');
  await client.close();
});

it('tells how long a ping took', async () => {
  await using gateway = await startTestGateway();
  const statuses = new Statuses();
  const url = `${gateway.url}/graphql`;
  const client = createSluiceClient({ url, onStatus: statuses.take, pingIntervalMs: 10 });
  client.deviceMessages({ deviceIds: ['a'] });
  await until('a ping was answered', () => {
    const { last } = statuses;
    return last?.state === 'live' && (last.latencyMs ?? 0) > 0;
  });
  await client.close();
});

it('counts attempts until it was live for five seconds', async () => {
  await using gateway = await startPlayedGateway();
  const statuses = new Statuses();
  const client = createSluiceClient({ url: gateway.url, onStatus: statuses.take, ...quick });
  client.subscribe(document, {});
  const attempts = (): number[] =>
    statuses.all.flatMap((status) => (status.state === 'reconnecting' ? [status.attempt] : []));
  for (let i = 1; i <= 3; i += 1) {
    await statuses.until('live', i);
    gateway.cut(1012);
  }
  await statuses.until('live', 4);
  const { since } = client.status as { since: number };
  const clock = vi.spyOn(Date, 'now').mockReturnValue(since + 5000);
  gateway.cut(1012);
  await statuses.until('reconnecting', 4);
  expect(attempts()).toEqual([1, 2, 3, 1]);
  // The gateway said so itself: a WebSocket that speaks is not one that a proxy cuts.
  expect(statuses.all.some((status) => 'transport' in status && status.transport === 'sse')).toBe(
    false,
  );
  clock.mockRestore();
  await client.close();
});

it('tells when it tries again', async () => {
  await using gateway = await startPlayedGateway();
  const statuses = new Statuses();
  const { url } = gateway;
  await gateway[Symbol.asyncDispose]();
  const client = createSluiceClient({
    url,
    transport: 'ws',
    onStatus: statuses.take,
    minRetryMs: 2,
    maxRetryMs: 64,
  });
  client.subscribe(document, {});
  await statuses.until('reconnecting', 8);
  await client.close();
  const waits = statuses.all.filter((status) => status.state === 'reconnecting').slice(0, 8);
  expect(waits.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(statuses.last).toEqual({
    state: 'closed',
    reason: 'the client was closed',
    address: url,
  });
});

describe('what cannot pass', () => {
  it.each([4400, 4401, 4406, 4409])('is not tried again: close code %d', async (code) => {
    await using gateway = await startPlayedGateway();
    const statuses = new Statuses();
    const client = createSluiceClient({ url: gateway.url, onStatus: statuses.take, ...quick });
    const next = client.subscribe(document, {}).next();
    await statuses.until('live');
    gateway.cut(code);
    await expect(next).rejects.toMatchObject({
      name: 'SluiceError',
      code: code === 4401 ? 'UNAUTHENTICATED' : 'CONNECTION_REFUSED',
    });
    expect(gateway.connectionParams).toHaveLength(1);
    expect(statuses.last).toMatchObject({ state: 'closed' });
    await client.close();
  });

  it.each([1000, 1001, 1011, 1012, 1013, 4500])('what can is: close code %d', async (code) => {
    await using gateway = await startPlayedGateway();
    const statuses = new Statuses();
    const client = createSluiceClient({ url: gateway.url, onStatus: statuses.take, ...quick });
    client.subscribe(document, {});
    await statuses.until('live');
    gateway.cut(code);
    await statuses.until('live', 2);
    // One after the other, and none besides.
    expect(gateway.connectionParams).toHaveLength(2);
    await client.close();
  });

  it('what can is: a stream that ends behind many results, in one breath and without a word', async () => {
    let n = 0;
    const next = (): string => `event: next\ndata: {"data":{"n":${(n += 1)}}}\n\n`;
    const inOneBreath = (): Promise<Response> => {
      const text = Array.from({ length: 200 }, next).join('');
      const headers = { 'content-type': 'text/event-stream' };
      return Promise.resolve(new Response(text, { headers }));
    };
    const client = createSluiceClient({
      url: 'http://gateway/graphql',
      transport: 'sse',
      fetch: inOneBreath,
      ...quick,
    });
    const stream = client.subscribe(document, {});
    for (let i = 1; i <= 1000; i += 1) expect((await stream.next()).value).toEqual({ n: i });
    await client.close();
  });

  it.each([
    [500, 'text/html', '<p>Oops</p>'],
    [429, 'text/plain', ''],
    [503, 'application/json', '{"errors":[{"message":"Too many connections."}]}'],
  ])('what can is: an answer %d', async (status, type, body) => {
    let answers = 0;
    await using gateway = await startPlayedGateway({
      answer(_request, response) {
        answers += 1;
        if (answers < 3) {
          response.writeHead(status, { 'content-type': type }).end(body);
          return;
        }
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('event: next\ndata: {"data":{"n":1}}\n\n');
      },
    });
    const client = createSluiceClient({ url: gateway.url, transport: 'sse', ...quick });
    expect((await client.subscribe(document, {}).next()).value).toEqual({ n: 1 });
    await client.close();
  });

  it.each([
    [404, 'text/html', '<p>Nothing here</p>', 'CONNECTION_REFUSED'],
    [200, 'text/html', '<p>A page</p>', 'CONNECTION_REFUSED'],
    [200, 'application/json', 'x'.repeat(1_000_000), 'CONNECTION_REFUSED'],
    [403, 'text/plain', 'No.', 'FORBIDDEN'],
    [
      400,
      'application/json',
      '{"errors":[{"message":"No.","extensions":{"code":"BAD_USER_INPUT"}}]}',
      'BAD_USER_INPUT',
    ],
  ])('is told: an answer %d, %s', async (status, type, body, code) => {
    await using gateway = await startPlayedGateway({
      answer(_request, response) {
        response.writeHead(status, { 'content-type': type }).end(body);
      },
    });
    const client = createSluiceClient({ url: gateway.url, transport: 'sse', ...quick });
    await expect(client.subscribe(document, {}).next()).rejects.toMatchObject({ code });
    await expect(client.query(document, {})).rejects.toMatchObject({ code });
    await client.close();
  });

  it.each(['ws', 'sse'] as const)('over %s ends one stream, and no other', async (transport) => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const url = `${gateway.url}/graphql`;
    const client = createSluiceClient({ url, transport, ...quick });
    const good = client.deviceMessages({ deviceIds: ['a'] });
    await gateway.until((stats) => stats.activeSubscribers === 1);
    const bad = client.deviceMessages({ deviceIds: ['a'], maxQueued: 1_000_000 });
    await expect(bad.next()).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('maxQueued must be from 1 to') as string,
    });
    await expect(client.subscribe('subscription { nope }', {}).next()).rejects.toMatchObject({
      code: 'GRAPHQL_VALIDATION_FAILED',
    });
    await device.publish('devices/a/messages', '1');
    expect((await good.next()).value?.payload).toBe(1);
    await client.close();
  });
});

describe('auto', () => {
  it.each(['refuse', 'cut', 'swallow'] as const)(
    'goes over to server-sent events where proxies %s WebSockets',
    async (treatment) => {
      await using gateway = await startTestGateway();
      await using proxy = await startTcpProxy(gateway.url);
      await using device = await connectDevice(gateway.mqttUrl);
      proxy.treatUpgrades(treatment);
      const statuses = new Statuses();
      const client = createSluiceClient({
        url: `${proxy.url}/graphql`,
        onStatus: statuses.take,
        connectTimeoutMs: 2000,
        ...quick,
      });
      const stream = client.deviceMessages({ deviceIds: ['a'] });
      await gateway.until((stats) => stats.activeSubscribers === 1);
      await device.publish('devices/a/messages', '1');
      expect((await stream.next()).value?.payload).toBe(1);
      expect(client.status).toMatchObject({ state: 'live', transport: 'sse' });
      const tried = statuses.all.flatMap((status) =>
        status.state === 'connecting' ? [status.transport] : [],
      );
      expect(tried).toEqual(['ws', 'ws', 'sse']);

      // And back, some reconnections later, when nothing stands in the way any more.
      proxy.treatUpgrades('pass');
      for (let i = 0; i < 3; i += 1) {
        const live = statuses.count('live');
        proxy.cut();
        await statuses.until('live', live + 1);
      }
      expect(client.status).toMatchObject({ state: 'live', transport: 'ws' });
      await client.close();
    },
  );

  it('stays with WebSocket when nothing can be reached', async () => {
    await using gateway = await startTestGateway();
    await using proxy = await startTcpProxy(gateway.url);
    proxy.refuse(true);
    const statuses = new Statuses();
    const url = `${proxy.url}/graphql`;
    const client = createSluiceClient({ url, onStatus: statuses.take, ...quick });
    client.deviceMessages({ deviceIds: ['a'] });
    await statuses.until('connecting', 6);
    const tried = statuses.all.flatMap((status) =>
      status.state === 'connecting' ? [status.transport] : [],
    );
    expect(tried.slice(0, 6)).toEqual(['ws', 'ws', 'sse', 'ws', 'ws', 'sse']);
    await client.close();
  });
});
