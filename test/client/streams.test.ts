import { describe, expect, it } from 'vitest';
import {
  createSluiceClient,
  WatchBrokerStatsDocument,
  type DeviceMessage,
} from '../../client/index.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { startPlayedGateway } from '../support/played-gateway.ts';
import { Statuses } from '../support/statuses.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { settlesInThisTurn } from '../support/turn.ts';
import { until } from '../support/until.ts';

const quick = { minRetryMs: 1, maxRetryMs: 5 };

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

describe.each(['ws', 'sse'] as const)('a stream over %s', (transport) => {
  it('takes devices and lets them go under load, without a loss or a repeat', async () => {
    await using gateway = await startTestGateway({ historySize: 10_000 });
    await using device = await connectDevice(gateway.mqttUrl);
    const client = createSluiceClient({ url: `${gateway.url}/graphql`, transport });
    const stream = client.deviceMessages({ deviceIds: ['constant'] });
    const received = new Map<string, number[]>();
    const reading = (async () => {
      for await (const { deviceId, payload, gap } of stream) {
        expect(gap).toBeNull();
        received.set(deviceId, [...(received.get(deviceId) ?? []), payload as number]);
      }
    })();
    await gateway.until((stats) => stats.activeSubscribers === 1);
    let n = 0;
    const publishing = new AbortController();
    const load = (async () => {
      while (!publishing.signal.aborted) {
        n += 1;
        await device.publishAll(
          ['constant', 'guest', 'host'].map((id) => ({
            topic: `devices/${id}/messages`,
            payload: String(n),
          })),
        );
      }
    })();
    const guestCount = (): number => received.get('guest')?.length ?? 0;
    stream.add('host');
    for (let round = 0; round < 30; round += 1) {
      const before = guestCount();
      stream.add('guest');
      await until('the guest is heard', () => guestCount() > before + 3);
      stream.remove('guest');
      await gateway.until((stats) => stats.devicesBeingMonitored === 2);
    }
    publishing.abort();
    await load;
    await until(
      'everything has come',
      () => received.get('host')?.at(-1) === n && received.get('constant')?.at(-1) === n,
    );
    await client.close();
    await reading;
    expect(received.get('constant')).toEqual(numbers(1, n));
    const [first = 0] = received.get('host')!;
    expect(received.get('host')).toEqual(numbers(first, n));
    // Of the guest there are holes, where it was away, and never a repeat.
    const guest = received.get('guest')!;
    expect(guest).toEqual([...new Set(guest)].toSorted((a, b) => a - b));
  });

  it('joins the changes of one turn into one', async () => {
    await using gateway = await startTestGateway();
    const client = createSluiceClient({ url: `${gateway.url}/graphql`, transport });
    const stream = client.deviceMessages({ deviceIds: [] });
    stream.add('a');
    stream.add('b', 'c', 'd');
    await gateway.until((stats) => stats.devicesBeingMonitored === 4);
    stream.remove('a');
    stream.remove('b');
    stream.remove('c');
    await gateway.until((stats) => stats.devicesBeingMonitored === 1);
    stream.remove('d');
    await gateway.until((stats) => stats.activeSubscribers === 0);
    const ended = gateway.stats().subscriptionsEndedByReason;
    expect(ended.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    await client.close();
  });

  it('holds no more than its bound while nobody pulls, and goes on by position', async () => {
    await using gateway = await startTestGateway({ historySize: 1000 });
    await using device = await connectDevice(gateway.mqttUrl);
    const client = createSluiceClient({ url: `${gateway.url}/graphql`, transport });
    const stream = client.deviceMessages({ deviceIds: ['a'], maxBuffered: 10 });
    await gateway.until((stats) => stats.activeSubscribers === 1);
    for (let n = 1; n <= 100; n += 1) await device.publish('devices/a/messages', String(n));
    // It has stopped the operation: the gateway has nobody to send to.
    await gateway.until((stats) => stats.activeSubscribers === 0);
    const messages: DeviceMessage[] = [];
    while (messages.length < 100) messages.push((await stream.next()).value!);
    expect(messages.map(({ payload }) => payload)).toEqual(numbers(1, 100));
    expect(messages.every(({ gap }) => gap === null)).toBe(true);
    await client.close();
  });

  it('tells what the history has lost while nobody pulled', async () => {
    await using gateway = await startTestGateway({ historySize: 20 });
    await using device = await connectDevice(gateway.mqttUrl);
    const client = createSluiceClient({ url: `${gateway.url}/graphql`, transport });
    const stream = client.deviceMessages({ deviceIds: ['a'], maxBuffered: 10 });
    await gateway.until((stats) => stats.activeSubscribers === 1);
    for (let n = 1; n <= 10; n += 1) await device.publish('devices/a/messages', String(n));
    await gateway.until((stats) => stats.activeSubscribers === 0);
    for (let n = 11; n <= 100; n += 1) await device.publish('devices/a/messages', String(n));
    await gateway.until((stats) => stats.totalMessagesProcessed === 100);
    let accounted = 0;
    for await (const { payload, gap } of stream) {
      accounted += 1 + (gap?.missed ?? 0);
      expect(payload).toBe(accounted);
      if (payload === 81) expect(gap).toEqual({ missed: 70, reason: 'HISTORY_EXPIRED' });
      if (payload === 100) break;
    }
    await client.close();
  });

  it('begins with kept messages, or behind a position', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    for (let n = 1; n <= 5; n += 1) await device.publish('devices/a/messages', String(n));
    await gateway.until((stats) => stats.totalMessagesProcessed === 5);
    const client = createSluiceClient({ url: `${gateway.url}/graphql`, transport });
    const replayed = client.deviceMessages({ deviceIds: ['a'], replay: 3 });
    const { value: third } = await replayed.next();
    expect(third).toMatchObject({ deviceId: 'a', payload: 3, gap: null });
    const after = [{ deviceId: 'a', position: third!.position }];
    const resumed = client.deviceMessages({ deviceIds: ['a'], after, replay: 5 });
    expect((await resumed.next()).value?.payload).toBe(4);
    await client.close();
  });

  it('ends when it is returned, when its signal says so, and with its client', async () => {
    await using gateway = await startTestGateway();
    const client = createSluiceClient({ url: `${gateway.url}/graphql`, transport });
    const abort = new AbortController();
    const returned = client.deviceMessages({ deviceIds: ['a'] });
    const aborted = client.deviceMessages({ deviceIds: ['a'], signal: abort.signal });
    const closed = client.deviceMessages({ deviceIds: ['a'] });
    const pending = [returned, aborted, closed].map((stream) => stream.next());
    await gateway.until((stats) => stats.activeSubscribers === 3);
    const end = { value: undefined, done: true };

    expect(await settlesInThisTurn(pending[0]!)).toBe(false);
    expect(await returned.return?.()).toEqual(end);
    expect(await pending[0]).toEqual(end);
    await gateway.until((stats) => stats.activeSubscribers === 2);
    abort.abort();
    expect(await pending[1]).toEqual(end);
    await gateway.until((stats) => stats.activeSubscribers === 1);
    await client.close();
    expect(await pending[2]).toEqual(end);
    await gateway.until((stats) => stats.connections === 0);
    expect(await closed.next()).toEqual(end);
    const dead = client.deviceMessages({ deviceIds: ['a'], signal: abort.signal });
    expect(await dead.next()).toEqual(end);
    await expect(client.deviceMessages({ deviceIds: ['a'] }).next()).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
    });
    await expect(client.query('{ x }', {})).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
  });

  it('leaves no connection behind when nothing is subscribed to any more, and comes back', async () => {
    await using gateway = await startTestGateway();
    const statuses = new Statuses();
    const url = `${gateway.url}/graphql`;
    const client = createSluiceClient({ url, transport, onStatus: statuses.take });
    for (let i = 1; i <= 3; i += 1) {
      const stream = client.deviceMessages({ deviceIds: ['a'] });
      await gateway.until((stats) => stats.activeSubscribers === 1);
      await stream.return?.();
      await gateway.until((stats) => stats.connections === 0);
      expect(client.status).toEqual({ state: 'closed', reason: 'nothing is subscribed to' });
    }
    expect(statuses.count('live')).toBe(3);
    await client.close();
  });

  it('resumes a DISCONNECT by position', async () => {
    let operations = 0;
    const position = (n: number) => ({ deviceMessages: { deviceId: 'a', position: `e-${n}` } });
    await using gateway = await startPlayedGateway({
      operate() {
        operations += 1;
        if (operations > 1) return [{ type: 'next', payload: { data: position(2) } }];
        return [
          { type: 'next', payload: { data: position(1) } },
          {
            type: 'error',
            payload: [{ message: 'Too slow.', extensions: { code: 'SLOW_CONSUMER' } }],
          },
        ];
      },
      answer(_request, response) {
        operations += 1;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const next = (data: object): string => `event: next\ndata: ${JSON.stringify(data)}\n\n`;
        if (operations > 1) {
          response.write(next({ data: position(2) }));
          return;
        }
        const errors = [{ message: 'Too slow.', extensions: { code: 'SLOW_CONSUMER' } }];
        response.end(
          `${next({ data: position(1) })}${next({ errors })}event: complete\ndata: \n\n`,
        );
      },
    });
    const client = createSluiceClient({ url: gateway.url, transport, ...quick });
    const text =
      'subscription ($after: [DevicePosition!]) { deviceMessages(after: $after) { deviceId position } }';
    const stream = client.subscribe(text, {});
    expect((await stream.next()).value).toEqual(position(1));
    expect((await stream.next()).value).toEqual(position(2));
    await client.close();
  });
});

describe('any subscription', () => {
  it('goes on by position when it declares after', async () => {
    await using gateway = await startTestGateway();
    await using proxy = await startTcpProxy(gateway.url);
    await using device = await connectDevice(gateway.mqttUrl);
    const statuses = new Statuses();
    const client = createSluiceClient({
      url: `${proxy.url}/graphql`,
      onStatus: statuses.take,
      ...quick,
    });
    interface Data {
      readonly m: {
        readonly deviceId: string;
        readonly position: string;
        readonly payload: number;
      };
    }
    const stream = client.subscribe<Data>(
      `subscription ($deviceIds: [ID!]!, $after: [DevicePosition!]) {
        m: deviceMessages(deviceIds: $deviceIds, after: $after) { deviceId position payload }
      }`,
      { deviceIds: ['a'] },
    );
    await gateway.until((stats) => stats.activeSubscribers === 1);
    await device.publish('devices/a/messages', '1');
    expect((await stream.next()).value?.m.payload).toBe(1);
    proxy.refuse(true);
    proxy.cut();
    await statuses.until('reconnecting');
    for (const n of [2, 3]) await device.publish('devices/a/messages', String(n));
    proxy.refuse(false);
    expect((await stream.next()).value?.m.payload).toBe(2);
    expect((await stream.next()).value?.m.payload).toBe(3);
    await client.close();
  });

  it('is subscribed to anew when it does not', async () => {
    await using gateway = await startTestGateway();
    await using proxy = await startTcpProxy(gateway.url);
    const statuses = new Statuses();
    const client = createSluiceClient({
      url: `${proxy.url}/graphql`,
      onStatus: statuses.take,
      ...quick,
    });
    const stream = client.subscribe(WatchBrokerStatsDocument, { intervalMs: 3_600_000 });
    expect((await stream.next()).value?.brokerStats.activeSubscribers).toBe(0);
    proxy.cut();
    expect((await stream.next()).value?.brokerStats.activeSubscribers).toBe(0);
    await client.close();
  });

  it('keeps the newest of what nobody has pulled', async () => {
    await using gateway = await startPlayedGateway({
      operate: () => numbers(1, 50).map((n) => ({ type: 'next', payload: { data: { n } } })),
    });
    const statuses = new Statuses();
    const client = createSluiceClient({ url: gateway.url, onStatus: statuses.take });
    const stream = client.subscribe('subscription { n }', {}, { maxBuffered: 5 });
    const marker = client.subscribe('subscription { n }', {}, { maxBuffered: 1 });
    await statuses.until('live');
    for await (const data of marker) if ((data as { n: number }).n === 50) break;
    for (const n of numbers(46, 50)) expect((await stream.next()).value).toEqual({ n });
    await client.close();
  });
});

describe('device ids', () => {
  const client = createSluiceClient({ url: 'http://127.0.0.1:9/graphql' });

  // What a program without types hands over.
  it.each([
    ['a text', 'abc', 'deviceIds must be an array of texts; it is "abc"'],
    ['a number', [5], 'deviceIds must be an array of texts; it is [5]'],
    ['nothing', undefined, 'deviceIds must be an array of texts; it is undefined'],
  ])('that are %s are refused where they are given', (_what, deviceIds, message) => {
    const options = { deviceIds: deviceIds as unknown as string[] };
    expect(() => client.deviceMessages(options)).toThrow(new TypeError(message));
  });

  it.each(['add', 'remove'] as const)('that are no texts are refused by %s', async (change) => {
    await using gateway = await startTestGateway();
    const watcher = createSluiceClient({ url: `${gateway.url}/graphql` });
    const stream = watcher.deviceMessages({ deviceIds: ['a'] });
    await gateway.until((stats) => stats.activeSubscribers === 1);
    const ids = ['b', 5] as unknown as string[];
    expect(() => stream[change](...ids)).toThrow(
      new TypeError('deviceIds must be an array of texts; it is ["b",5]'),
    );
    await watcher.close();
  });
});

describe('a stream over server-sent events', () => {
  it('asks for no event ids, since it goes on by position', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    let text = '';
    const client = createSluiceClient({
      url: `${gateway.url}/graphql`,
      transport: 'sse',
      async fetch(input, init) {
        const response = await fetch(input, init);
        const [read, seen] = response.body!.pipeThrough(new TextDecoderStream()).tee();
        void (async () => {
          for await (const chunk of seen) text += chunk;
        })().catch(() => {
          // The client has gone.
        });
        return new Response(read.pipeThrough(new TextEncoderStream()), response);
      },
    });
    const stream = client.deviceMessages({ deviceIds: ['a', 'b'] });
    await gateway.until((stats) => stats.activeSubscribers === 1);
    await device.publish('devices/a/messages', '1');
    expect((await stream.next()).value).toMatchObject({ deviceId: 'a', payload: 1 });
    await until('the event has come', () => text.includes('event: next'));
    expect(text).not.toMatch(/^id:/m);
    await client.close();
  });
});
