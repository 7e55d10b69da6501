import { describe, expect, it } from 'vitest';
import { createSluiceClient } from '../../client/index.ts';
import { startPlayedGateway, type PlayedGateway } from '../support/played-gateway.ts';
import { Statuses } from '../support/statuses.ts';

const quick = { minRetryMs: 1, maxRetryMs: 5 };
const document = 'subscription { anything }';

/** What has arrived, as the transport carries it. */
function arrived(gateway: PlayedGateway, transport: 'ws' | 'sse'): unknown[] {
  return transport === 'ws'
    ? gateway.connectionParams.map((params) => (params as { token?: string } | undefined)?.token)
    : gateway.authorizations.map((header) => header?.replace(/^Bearer /, ''));
}

describe.each(['ws', 'sse'] as const)('the token over %s', (transport) => {
  it('is none by default', async () => {
    await using gateway = await startPlayedGateway();
    const statuses = new Statuses();
    const client = createSluiceClient({ url: gateway.url, transport, onStatus: statuses.take });
    client.subscribe(document, {});
    await statuses.until('live');
    expect(arrived(gateway, transport)).toEqual([undefined]);
    expect(gateway.connectionParams).toEqual(transport === 'ws' ? [undefined] : []);
    await client.close();
  });

  it('is asked for anew at every connect', async () => {
    await using gateway = await startPlayedGateway();
    const statuses = new Statuses();
    let asked = 0;
    const client = createSluiceClient({
      url: gateway.url,
      transport,
      token: () => Promise.resolve(`token ${(asked += 1)}`),
      onStatus: statuses.take,
      ...quick,
    });
    client.subscribe(document, {});
    for (let i = 1; i <= 3; i += 1) {
      await statuses.until('live', i);
      gateway.cut();
    }
    await statuses.until('live', 4);
    expect(arrived(gateway, transport)).toEqual(['token 1', 'token 2', 'token 3', 'token 4']);
    await client.close();
  });

  it('is replaced by a fresh one when it is refused', async () => {
    await using gateway = await startPlayedGateway({ takes: (token) => token === 'fresh' });
    const statuses = new Statuses();
    const tokens = ['stale', 'stale too', 'fresh'];
    const client = createSluiceClient({
      url: gateway.url,
      transport,
      token: () => tokens.shift(),
      onStatus: statuses.take,
      ...quick,
    });
    client.subscribe(document, {});
    await statuses.until('live');
    expect(arrived(gateway, transport)).toEqual(['stale', 'stale too', 'fresh']);
    await client.close();
  });

  it('is given up when three in a row were refused', async () => {
    await using gateway = await startPlayedGateway({ takes: () => false });
    const statuses = new Statuses();
    const client = createSluiceClient({
      url: gateway.url,
      transport,
      token: () => 'stale',
      onStatus: statuses.take,
      ...quick,
    });
    const stream = client.subscribe(document, {});
    await expect(stream.next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(arrived(gateway, transport)).toEqual(['stale', 'stale', 'stale']);
    expect(statuses.last).toMatchObject({
      state: 'closed',
      reason: expect.stringContaining('refused the token') as string,
    });
    expect(await stream.next()).toEqual({ value: undefined, done: true });
    await client.close();
  });

  it('is given up at once when it can only be the same again', async () => {
    await using gateway = await startPlayedGateway({ takes: () => false });
    const client = createSluiceClient({ url: gateway.url, transport, token: 'fixed', ...quick });
    const stream = client.subscribe(document, {});
    await expect(stream.next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(arrived(gateway, transport)).toEqual(['fixed']);
    await client.close();
  });

  it('is asked for again when the function has failed', async () => {
    await using gateway = await startPlayedGateway();
    const statuses = new Statuses();
    let asked = 0;
    const client = createSluiceClient({
      url: gateway.url,
      transport,
      token() {
        asked += 1;
        if (asked === 1) throw new Error('the login is away');
        return 'fresh';
      },
      onStatus: statuses.take,
      ...quick,
    });
    client.subscribe(document, {});
    await statuses.until('live');
    expect(arrived(gateway, transport)).toEqual(['fresh']);
    expect(statuses.all[1]).toMatchObject({
      reason: `${gateway.url}: no token could be had`,
      attempt: 1,
    });
    await client.close();
  });
});

it('goes with each query, asked for anew', async () => {
  await using gateway = await startPlayedGateway({
    answer: (_request, response) => response.end('{"data":{"x":1}}'),
  });
  let asked = 0;
  const client = createSluiceClient({ url: gateway.url, token: () => `token ${(asked += 1)}` });
  expect(await client.query('{ x }', {})).toEqual({ x: 1 });
  expect(await client.query('{ x }', {})).toEqual({ x: 1 });
  expect(gateway.authorizations).toEqual(['Bearer token 1', 'Bearer token 2']);
  await client.close();
});

it('that an operation is refused for is replaced at a new connection', async () => {
  let isStale = true;
  await using gateway = await startPlayedGateway({
    operate() {
      if (!isStale) return [{ type: 'next', payload: { data: { anything: 1 } } }];
      isStale = false;
      const extensions = { code: 'UNAUTHENTICATED' };
      return [{ type: 'error', payload: [{ message: 'It has run out.', extensions }] }];
    },
  });
  let asked = 0;
  const client = createSluiceClient({
    url: gateway.url,
    transport: 'ws',
    token: () => `token ${(asked += 1)}`,
    ...quick,
  });
  const { value } = await client.subscribe(document, {}).next();
  expect(value).toEqual({ anything: 1 });
  expect(gateway.connectionParams).toEqual([{ token: 'token 1' }, { token: 'token 2' }]);
  await client.close();
});
