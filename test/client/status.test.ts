import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSluiceClient, type ConnectionStatus } from '../../client/index.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { startPlayedGateway } from '../support/played-gateway.ts';
import { Statuses } from '../support/statuses.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const quick = { minRetryMs: 1, maxRetryMs: 5 };
const document = 'subscription { anything }';

/** What the client said, by `onWarning`. */
class Said {
  readonly all: string[] = [];
  readonly take = (message: string): void => void this.all.push(message);

  async until(count: number): Promise<void> {
    await until(
      `${count} warnings`,
      () => this.all.length >= count,
      () => this.all,
    );
  }
}

describe('the status', () => {
  it('carries the address, and why how many attempts in a row have failed', async () => {
    await using gateway = await startPlayedGateway();
    const { url } = gateway;
    await gateway[Symbol.asyncDispose]();
    const statuses = new Statuses();
    const client = createSluiceClient({
      url: `${url.replace('http://', 'ws://user:secret@')}?secret`,
      transport: 'ws',
      onStatus: statuses.take,
      onWarning: false,
      ...quick,
    });
    const address = url.replace('http', 'ws');
    expect(client.status).toEqual({
      state: 'closed',
      reason: 'nothing is subscribed to',
      address,
    });
    const begun = Date.now();
    client.subscribe(document, {});
    await statuses.until('reconnecting', 3);
    const told = statuses.all.slice(0, 6);
    const reason = `${address}: no WebSocket connection could be made`;
    const since = expect.any(Number) as number;
    expect(told.map(({ state, failure }) => ({ state, failure }))).toEqual([
      { state: 'connecting' },
      { state: 'reconnecting', failure: { reason, count: 1, since } },
      { state: 'connecting', failure: { reason, count: 1, since } },
      { state: 'reconnecting', failure: { reason, count: 2, since } },
      { state: 'connecting', failure: { reason, count: 2, since } },
      { state: 'reconnecting', failure: { reason, count: 3, since } },
    ]);
    expect(new Set(told.slice(1).map(({ failure }) => failure?.since)).size).toBe(1);
    expect(told[1]?.failure?.since).toBeGreaterThanOrEqual(begun);
    expect(told.every((status) => status.address === address)).toBe(true);
    await client.close();
    expect(client.status).toEqual({ state: 'closed', reason: 'the client was closed', address });
  });

  it('is the same object until it changes, and no failure when the client is served', async () => {
    await using gateway = await startTestGateway();
    await using proxy = await startTcpProxy(gateway.url);
    proxy.refuse(true);
    const statuses = new Statuses();
    const client = createSluiceClient({ url: proxy.url, onStatus: statuses.take, ...quick });
    client.deviceMessages({ deviceIds: ['a'] });
    await statuses.until('reconnecting', 2);
    expect(client.status).toBe(statuses.last);
    expect(client.status).toBe(client.status);
    expect(client.status.failure?.count).toBeGreaterThanOrEqual(2);
    proxy.refuse(false);
    await statuses.until('live');
    expect(client.status).toBe(statuses.last);
    expect(client.status).not.toHaveProperty('failure');
    await client.close();
  });

  it('is told to each listener until it is unsubscribed, whatever another one throws', async () => {
    await using gateway = await startTestGateway();
    const { subscribeToStatus, ...client } = createSluiceClient({ url: gateway.url });
    const first: string[] = [];
    const twice: string[] = [];
    const unsubscribe = subscribeToStatus(({ state }) => first.push(state));
    const listener = ({ state }: ConnectionStatus): void => void twice.push(state);
    const once = subscribeToStatus(listener);
    subscribeToStatus(listener);
    const stream = client.deviceMessages({ deviceIds: ['a'] });
    expect(first).toEqual(['connecting']);
    expect(twice).toEqual(['connecting', 'connecting']);
    unsubscribe();
    unsubscribe();
    once();
    await until('it is live', () => twice.includes('live'));
    expect(twice.filter((state) => state === 'live')).toHaveLength(1);
    expect(first).toEqual(['connecting']);
    await stream.return!();
    await client.close();
  });

  it.each([undefined, null, {}, 'log'])('takes no listener that is %j', (listener) => {
    const client = createSluiceClient({ url: 'http://gateway' });
    expect(() => client.subscribeToStatus(listener as never)).toThrow(
      /^listener must be a function; it is /,
    );
  });
});

describe('a client that cannot be served says so once', () => {
  it.each(['ws', 'sse', 'auto'] as const)(
    'over %s for an address that nobody answers at, and once when it works again',
    async (transport) => {
      await using gateway = await startTestGateway();
      await using proxy = await startTcpProxy(gateway.url);
      await using device = await connectDevice(gateway.mqttUrl);
      proxy.refuse(true);
      const said = new Said();
      const statuses = new Statuses();
      const client = createSluiceClient({
        url: proxy.url,
        transport,
        onStatus: statuses.take,
        onWarning: said.take,
        ...quick,
      });
      const stream = client.deviceMessages({ deviceIds: ['a'] });
      await statuses.until('reconnecting', 20);
      expect(said.all).toEqual([
        expect.stringMatching(
          new RegExp(
            String.raw`^Sluice: ${proxy.url}/graphql: .+ \(5 attempts in a row have failed, more follow\)\.$`,
          ),
        ),
      ]);
      proxy.refuse(false);
      await gateway.until((stats) => stats.activeSubscribers === 1);
      await device.publish('devices/a/messages', '1');
      await stream.next();
      expect(said.all.slice(1)).toEqual([`Sluice: ${proxy.url}/graphql: it works again.`]);
      await client.close();
    },
  );

  it.each([
    [404, 'text/html', '<p>Nothing here</p>', 'the answer was 404'],
    [405, 'text/plain', 'Method Not Allowed', 'the answer was 405'],
    [200, 'text/html', '<!doctype html><title>Another page</title>', 'the answer was 200'],
    [401, 'text/plain', '', 'the gateway refused the token'],
  ])(
    'for an address that answers %d %s, with which it closes',
    async (status, type, body, reason) => {
      await using gateway = await startPlayedGateway({
        takes: () => status !== 401,
        answer(_request, response) {
          response.writeHead(status, { 'content-type': type }).end(body);
        },
      });
      const said = new Said();
      const client = createSluiceClient({
        url: gateway.url,
        transport: 'sse',
        onWarning: said.take,
        ...quick,
      });
      const stream = client.subscribe(document, {});
      await said.until(1);
      expect(said.all).toEqual([
        expect.stringContaining(`Sluice: ${gateway.url}: ${reason}`) as string,
      ]);
      expect(said.all[0]).toMatch(/\(the client is closed\)\.$/);
      expect(client.status).toMatchObject({
        state: 'closed',
        reason: expect.stringContaining(`${gateway.url}: ${reason}`) as string,
        failure: { count: 1 },
      });
      await expect(stream.next()).rejects.toThrow(`${gateway.url}: ${reason}`);
      await expect(client.query('{ x }', {})).rejects.toThrow(`${gateway.url}: ${reason}`);
      await client.close();
    },
  );

  it.each(['ws', 'sse'] as const)(
    'over %s for a gateway that fails inside, while the connection is live',
    async (transport) => {
      let fails = true;
      const error = {
        message: 'Unexpected error.',
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      };
      await using gateway = await startPlayedGateway({
        operate: () =>
          fails
            ? [{ type: 'error', payload: [error] }]
            : [{ type: 'next', payload: { data: { anything: 1 } } }],
        answer(_request, response) {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          const result = fails ? { errors: [error] } : { data: { anything: 1 } };
          response.write(`event: next\ndata: ${JSON.stringify(result)}\n\n`);
        },
      });
      const said = new Said();
      const statuses = new Statuses();
      const client = createSluiceClient({
        url: gateway.url,
        transport,
        onStatus: statuses.take,
        onWarning: said.take,
        ...quick,
      });
      const next = client.subscribe(document, {}).next();
      await until('it has failed often', () => (client.status.failure?.count ?? 0) >= 8);
      expect(client.status).toMatchObject({
        state: 'live',
        failure: { reason: `${gateway.url}: Unexpected error.` },
      });
      expect(said.all).toEqual([
        `Sluice: ${gateway.url}: Unexpected error. (5 attempts in a row have failed, more follow).`,
      ]);
      fails = false;
      expect((await next).value).toEqual({ anything: 1 });
      expect(client.status).not.toHaveProperty('failure');
      expect(said.all.slice(1)).toEqual([`Sluice: ${gateway.url}: it works again.`]);
      await client.close();
    },
  );

  it('and ever more rarely for what comes and goes', async () => {
    await using gateway = await startPlayedGateway();
    const said = new Said();
    const statuses = new Statuses();
    const client = createSluiceClient({
      url: gateway.url,
      transport: 'ws',
      onWarning: said.take,
      onStatus: statuses.take,
      ...quick,
    });
    client.subscribe(document, {});
    for (let i = 1; i <= 30; i += 1) {
      await statuses.until('live', i);
      gateway.cut(1012);
    }
    await statuses.until('live', 31);
    expect(said.all.map((text) => /\d+(?= attempts)|works again/.exec(text)?.[0])).toEqual([
      '5',
      'works again',
      '10',
      'works again',
      '20',
      'works again',
    ]);
    await client.close();
  });

  it('after 15 s too, when attempts take long', async () => {
    await using gateway = await startPlayedGateway();
    const { url } = gateway;
    await gateway[Symbol.asyncDispose]();
    const said = new Said();
    const statuses = new Statuses();
    const client = createSluiceClient({
      url,
      transport: 'ws',
      onWarning: said.take,
      onStatus: statuses.take,
      ...quick,
    });
    client.subscribe(document, {});
    const began = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(began + 15_001);
    await said.until(1);
    expect(said.all[0]).toContain('(1 attempt has failed, more follow)');
    clock.mockRestore();
    await client.close();
  });
});

describe('by default', () => {
  const warn = vi.spyOn(console, 'warn');
  beforeEach(() => {
    warn.mockImplementation(() => undefined);
  });
  afterEach(() => {
    warn.mockReset();
  });

  it.each([
    [{}, 1],
    [{ onWarning: undefined }, 1],
    [{ onWarning: false as const }, 0],
  ])('%j says it on the console so often', async (options, count) => {
    await using gateway = await startPlayedGateway();
    const { url } = gateway;
    await gateway[Symbol.asyncDispose]();
    const statuses = new Statuses();
    const client = createSluiceClient({ url, onStatus: statuses.take, ...quick, ...options });
    client.subscribe(document, {});
    await statuses.until('reconnecting', 10);
    expect(warn).toHaveBeenCalledTimes(count);
    await client.close();
  });
});
