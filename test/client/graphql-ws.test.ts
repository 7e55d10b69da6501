import { afterEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../../client/graphql-ws.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { followOver } from '../support/graphql-ws-client.ts';
import { startPlayedGateway } from '../support/played-gateway.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { startTokenGate } from '../support/token-gate.ts';
import { until } from '../support/until.ts';

const anHour = 3_600_000;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('a connection that is cut', () => {
  it('misses nothing and gets nothing twice, of a device that was never heard too', async () => {
    await using gateway = await startTestGateway({ historySize: 10_000 });
    await using proxy = await startTcpProxy(gateway.url);
    await using device = await connectDevice(gateway.mqttUrl);
    const { connection, statuses, messages, follow, warnings } = followOver(proxy.url);
    follow('busy', 'silent');
    await gateway.until((stats) => stats.activeSubscribers === 1);
    const received: string[] = [];
    for (let n = 1; n <= 20; n += 1) {
      await device.publish('devices/busy/messages', String(n));
      proxy.refuse(true);
      proxy.cut();
      await statuses.until('reconnecting', n);
      await device.publish('devices/busy/messages', String(n + 0.5));
      await device.publish('devices/silent/messages', String(n));
      proxy.refuse(false);
      await statuses.until('live', n + 1);
      received.push(...(await messages.take(3)));
    }
    const numbers = Array.from({ length: 20 }, (_, i) => i + 1);
    const busy = numbers.flatMap((n) => [`busy ${n}`, `busy ${n + 0.5}`]);
    expect(received.filter((line) => line.startsWith('busy'))).toEqual(busy);
    expect(received.filter((line) => line.startsWith('silent'))).toEqual(
      numbers.map((n) => `silent ${n}`),
    );
    expect(warnings.untaken).toEqual([]);
    await connection.dispose();
    expect(messages.untaken).toEqual([]);
  });

  it('resumes a subscription whose devices stand in its text', async () => {
    await using gateway = await startTestGateway();
    await using proxy = await startTcpProxy(gateway.url);
    await using device = await connectDevice(gateway.mqttUrl);
    const connection = connect(proxy.url, { minRetryMs: 1, maxRetryMs: 20 });
    const messages = connection.iterate({
      query: `subscription ($after: [DevicePosition!]) {
        newest: deviceMessages(deviceIds: ["a"], after: $after) { deviceId payload position }
      }`,
    });
    const first = messages.next();
    await gateway.until((stats) => stats.activeSubscribers === 1);
    await device.publish('devices/a/messages', '1');
    expect((await first).value).toMatchObject({ data: { newest: { payload: 1 } } });
    proxy.refuse(true);
    proxy.cut();
    await gateway.until((stats) => stats.activeSubscribers === 0);
    await device.publish('devices/a/messages', '2');
    proxy.refuse(false);
    expect((await messages.next()).value).toMatchObject({ data: { newest: { payload: 2 } } });
    await messages.return!();
    await until('it is closed', () => connection.status.state === 'closed');
  });

  it('sends variables as they are, whatever names their members have', async () => {
    await using gateway = await startTestGateway();
    const connection = connect(gateway.url);
    const query = 'query ($id: ID!) { device(id: $id) { id } }';
    const results = connection.iterate({ query, variables: { id: 'a', '': null } });
    expect((await results.next()).value).toEqual({ data: { device: null } });
    await connection.dispose();
  });

  it('comes back from a network that has gone silent', async () => {
    await using gateway = await startTestGateway();
    await using proxy = await startTcpProxy(gateway.url);
    await using device = await connectDevice(gateway.mqttUrl);
    const { connection, statuses, messages, follow } = followOver(proxy.url, {
      pingIntervalMs: 20,
      pongTimeoutMs: 200,
    });
    follow('a');
    await gateway.until((stats) => stats.activeSubscribers === 1);
    proxy.stall();
    await device.publish('devices/a/messages', '1');
    expect(await messages.next()).toBe('a 1');
    expect(statuses.all.find(({ state }) => state === 'reconnecting')).toMatchObject({
      reason: `${connection.status.address}: nothing came in answer to a ping`,
    });
    await connection.dispose();
  });

  it('asks for a new token when it is refused, and resumes', async () => {
    await using gateway = await startTestGateway();
    await using gate = await startTokenGate(gateway.url, 'first');
    await using device = await connectDevice(gateway.mqttUrl);
    let current = 'first';
    const { connection, messages, warnings, follow } = followOver(gate.url, {
      token: async () => current,
    });
    follow('a');
    await gateway.until((stats) => stats.activeSubscribers === 1);
    gate.expire('second');
    await gateway.until((stats) => stats.activeSubscribers === 0);
    await device.publish('devices/a/messages', '1');
    expect(await warnings.next()).toMatch(
      `Sluice: ${connection.status.address}: the gateway refused the token: Forbidden (`,
    );
    current = 'second';
    expect(await messages.next()).toBe('a 1');
    expect(await warnings.next()).toBe(`Sluice: ${connection.status.address}: it works again.`);
    expect(warnings.untaken).toEqual([]);
    expect(gate.tokens.at(-1)).toBe('second');
    await connection.dispose();
  });

  it('asks again for a token that could not be had', async () => {
    await using gateway = await startTestGateway();
    const token = vi.fn<() => string>().mockImplementationOnce(() => {
      throw new Error('The login is down.');
    });
    token.mockReturnValue('good');
    const { connection, statuses, follow } = followOver(gateway.url, { token });
    follow('a');
    await statuses.until('live');
    expect(statuses.all.find(({ state }) => state === 'reconnecting')).toMatchObject({
      reason: `${connection.status.address}: no token could be had: The login is down.`,
    });
    await connection.dispose();
  });
});

describe('the status', () => {
  it('goes from closed over connecting, live and reconnecting to closed again', async () => {
    await using gateway = await startTestGateway();
    await using proxy = await startTcpProxy(gateway.url);
    const { connection, statuses, ends, follow } = followOver(`${proxy.url}/graphql`);
    expect(connection.status).toMatchObject({
      state: 'closed',
      reason: 'nothing is subscribed to',
    });
    const end = follow('a');
    await statuses.until('live');
    expect(connection.status).toMatchObject({ state: 'live', since: expect.any(Number) as number });
    proxy.cut();
    await statuses.until('live', 2);
    const reconnecting = statuses.all.find(({ state }) => state === 'reconnecting');
    expect(reconnecting).toMatchObject({
      reason: `${connection.status.address}: the connection was lost (1006)`,
      attempt: 1,
    });
    end();
    await statuses.until('closed', 2);
    expect(connection.status).toMatchObject({
      state: 'closed',
      reason: 'nothing is subscribed to',
    });
    expect(await ends.next()).toBeUndefined();
    expect(statuses.all.map(({ state }) => state)).toEqual([
      'closed',
      'connecting',
      'live',
      'reconnecting',
      'connecting',
      'live',
      'closed',
    ]);
    await until('the socket is closed', () => proxy.open === 0);
  });

  it('tells each listener the present one at once, and none that has left', async () => {
    await using gateway = await startTestGateway();
    const { connection, statuses, follow } = followOver(gateway.url);
    const listener = vi.fn();
    const { subscribeToStatus } = connection;
    const leave = subscribeToStatus(listener);
    subscribeToStatus(listener);
    expect(listener.mock.calls).toEqual([[connection.status], [connection.status]]);
    leave();
    follow('a');
    await statuses.until('live');
    expect(listener.mock.calls.slice(2).map(([{ state }]) => state as string)).toEqual([
      'connecting',
      'live',
    ]);
    await connection.dispose();
  });

  it('stays live when the last subscription ends and another begins in the same breath', async () => {
    await using gateway = await startTestGateway();
    const { connection, statuses, follow } = followOver(gateway.url);
    const end = follow('a');
    await gateway.until((stats) => stats.activeSubscribers === 1);
    end();
    follow('b');
    await gateway.until((stats) => stats.devicesBeingMonitored === 1);
    expect(statuses.all.map(({ state }) => state)).toEqual(['closed', 'connecting', 'live']);
    await connection.dispose();
  });

  it('is closed, and nothing waits any more, when the last one ends while nobody is there', async () => {
    await using gateway = await startTestGateway();
    await using proxy = await startTcpProxy(gateway.url);
    proxy.refuse(true);
    const { connection, statuses, ends, follow } = followOver(proxy.url, {
      minRetryMs: anHour,
      maxRetryMs: anHour,
    });
    const end = follow('a');
    await statuses.until('reconnecting');
    end();
    expect(await ends.next()).toBeUndefined();
    expect(connection.status.state).toBe('closed');
  });

  it('is closed when it was disposed of, whatever it was doing', async () => {
    await using gateway = await startTestGateway();
    await using proxy = await startTcpProxy(gateway.url);
    for (const treatment of ['pass', 'swallow', 'refuse'] as const) {
      proxy.treatUpgrades(treatment);
      const state = { pass: 'live', swallow: 'connecting', refuse: 'reconnecting' } as const;
      const { connection, statuses, ends, follow } = followOver(proxy.url, {
        minRetryMs: anHour,
        maxRetryMs: anHour,
      });
      follow('a');
      await statuses.until(state[treatment]);
      await connection.dispose();
      expect(await ends.next()).toBeUndefined();
      await statuses.until('closed', 2);
      expect(connection.status).toMatchObject({ reason: 'the connection was closed' });
    }
    await until('no socket is left', () => proxy.open === 0);
  });
});

describe('a page', () => {
  it.each([
    ['is back online', 'online'],
    ['is shown again', 'visibilitychange'],
  ])('that %s does not wait for the next attempt, and pings at once', async (_what, event) => {
    const page = new EventTarget();
    vi.stubGlobal('document', Object.assign(page, { visibilityState: 'visible' }));
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    vi.spyOn(Math, 'random').mockReturnValue(1);
    await using gateway = await startTestGateway();
    await using proxy = await startTcpProxy(gateway.url);
    const { connection, statuses, follow } = followOver(proxy.url, {
      minRetryMs: anHour,
      maxRetryMs: anHour,
      pingIntervalMs: anHour,
    });
    follow('a');
    await statuses.until('live');
    proxy.cut();
    await statuses.until('reconnecting');
    page.dispatchEvent(new Event(event));
    await statuses.until('live', 2);
    page.dispatchEvent(new Event(event));
    await until('the ping was answered', () => {
      const { status } = connection;
      return status.state === 'live' && status.latencyMs !== undefined;
    });
    await connection.dispose();
  });
});

describe('a connection that is not going to be served', () => {
  it('says once that nothing is at its address, names it, and goes on', async () => {
    await using gateway = await startTestGateway();
    await using proxy = await startTcpProxy(gateway.url);
    proxy.treatUpgrades('refuse');
    const { connection, statuses, warnings, follow } = followOver(proxy.url);
    follow('a');
    const address = `${proxy.url}/graphql`;
    expect(await warnings.next()).toBe(
      `Sluice: ${address}: no WebSocket connection could be made (5 attempts in a row have failed, more follow).`,
    );
    expect(connection.status).toMatchObject({
      address,
      failure: { reason: `${address}: no WebSocket connection could be made` },
    });
    const made = proxy.made;
    await until('it goes on', () => proxy.made > made + 3);
    proxy.treatUpgrades('pass');
    await statuses.until('live');
    expect(warnings.untaken).toEqual([`Sluice: ${address}: it works again.`]);
    expect(connection.status.failure).toBeUndefined();
    await connection.dispose();
  });

  it('says that it was refused, once, and ends its subscriptions', async () => {
    await using gateway = await startPlayedGateway();
    const { connection, statuses, warnings, ends, follow } = followOver(gateway.url);
    const reason = `${gateway.url}: the gateway refused the connection (4400)`;
    follow('a');
    for (const times of [1, 2]) {
      await statuses.until('live', times);
      gateway.cut(4400);
      expect(await ends.next()).toMatchObject({ code: 4400 });
      expect(connection.status).toEqual({ state: 'closed', address: gateway.url, reason });
      if (times === 1) follow('a');
    }
    // It was live in between: the second is another occasion.
    const warning = `Sluice: ${reason} (the client is closed).`;
    expect(warnings.untaken).toEqual([warning, warning]);
  });

  it('says so on the console', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    await using gateway = await startPlayedGateway({ takes: () => false });
    const { follow, connection } = followOver(gateway.url, { onWarning: undefined });
    follow('a');
    await until('the console was told', () => warn.mock.calls.length === 1);
    expect(warn.mock.calls[0]![0]).toContain(connection.status.address);
    await connection.dispose();
  });

  it('refuses options that it does not have, and durations with which it would not wait', () => {
    expect(() => connect('http://gateway:4000', { tokn: 'a' } as object)).toThrow(
      '"tokn" is not an option',
    );
    expect(() => connect('gateway:4000')).toThrow('url must begin with http://');
    expect(() => connect('http://gateway:4000', { maxRetryMs: Infinity })).toThrow(
      new TypeError(
        'maxRetryMs must be a number of milliseconds above 0 and below 2^31; it is Infinity',
      ),
    );
  });
});
