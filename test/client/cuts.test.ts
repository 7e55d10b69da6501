import { describe, expect, it } from 'vitest';
import { createSluiceClient, type DeviceGap } from '../../client/index.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { Statuses } from '../support/statuses.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const quick = { minRetryMs: 1, maxRetryMs: 20 };

describe.each(['ws', 'sse'] as const)('a client over %s that is cut off', (transport) => {
  it('misses nothing and gets nothing twice, 100 times over', async () => {
    await using gateway = await startTestGateway({ historySize: 10_000 });
    await using proxy = await startTcpProxy(gateway.url);
    await using device = await connectDevice(gateway.mqttUrl);
    const statuses = new Statuses();
    const url = `${proxy.url}/graphql`;
    const client = createSluiceClient({ url, transport, onStatus: statuses.take, ...quick });
    const received = new Map<string, number[]>();
    const gaps: DeviceGap[] = [];
    const deviceIds = ['busy', 'steady', 'silent'];
    const stream = client.deviceMessages({ deviceIds, onGap: (gap) => gaps.push(gap) });
    const published = new Map(deviceIds.map((deviceId) => [deviceId, 0]));
    const publish = async (deviceId: string): Promise<void> => {
      const n = published.get(deviceId)! + 1;
      published.set(deviceId, n);
      await device.publish(`devices/${deviceId}/messages`, String(n));
    };
    const count = (): number => [...received.values()].flat().length;
    const reading = (async () => {
      for await (const { deviceId, payload } of stream) {
        received.set(deviceId, [...(received.get(deviceId) ?? []), payload as number]);
      }
    })();
    await gateway.until((stats) => stats.activeSubscribers === 1);

    const publishing = new AbortController();
    const load = (async () => {
      while (!publishing.signal.aborted) {
        for (let i = 0; i < 5; i += 1) await publish('busy');
        await publish('steady');
      }
    })();
    for (let cuts = 1; cuts <= 100; cuts += 1) {
      const before = count();
      // In turn: while messages come, in the middle of coming back, and with nobody there at all.
      if (cuts % 3 === 0) await until('messages come', () => count() > before + 10);
      proxy.refuse(true);
      proxy.cut();
      await statuses.until('reconnecting', cuts);
      // It speaks only while nobody hears it.
      await publish('silent');
      proxy.refuse(false);
      await until('the client is back', () => client.status.state === 'live');
    }
    publishing.abort();
    await load;
    const total = [...published.values()].reduce((sum, n) => sum + n, 0);
    await until(
      'everything has come',
      () => count() >= total,
      () => [count(), total],
    );
    await client.close();
    await reading;

    for (const [deviceId, n] of published) {
      expect(received.get(deviceId)).toEqual(Array.from({ length: n }, (_, i) => i + 1));
    }
    expect(published.get('silent')).toBe(100);
    expect(gaps).toEqual([]);
  });

  it('is told of what is no longer kept, with the count', async () => {
    await using gateway = await startTestGateway({ historySize: 3 });
    await using proxy = await startTcpProxy(gateway.url);
    await using device = await connectDevice(gateway.mqttUrl);
    const statuses = new Statuses();
    const gaps: DeviceGap[] = [];
    const client = createSluiceClient({
      url: `${proxy.url}/graphql`,
      transport,
      onStatus: statuses.take,
      ...quick,
    });
    const stream = client.deviceMessages({ deviceIds: ['a'], onGap: (gap) => gaps.push(gap) });
    await gateway.until((stats) => stats.activeSubscribers === 1);
    proxy.refuse(true);
    proxy.cut();
    await statuses.until('reconnecting');
    for (let n = 1; n <= 10; n += 1) await device.publish('devices/a/messages', String(n));
    await gateway.until((stats) => stats.totalMessagesProcessed === 10);
    proxy.refuse(false);
    const { value } = await stream.next();
    expect(value).toMatchObject({ payload: 8, gap: { missed: 7, reason: 'HISTORY_EXPIRED' } });
    expect(gaps).toEqual([
      { deviceId: 'a', missed: 7, reason: 'HISTORY_EXPIRED', position: value!.position },
    ]);
    await client.close();
  });

  it('goes on after a crash of the gateway, and is told that its log is new', async () => {
    await using mqtt = await startTestGateway();
    await using device = await connectDevice(mqtt.mqttUrl);
    await using gateway = await startGatewayProcess({ SLUICE_MQTT_URL: mqtt.mqttUrl });
    const gaps: DeviceGap[] = [];
    const client = createSluiceClient({ url: `${gateway.url}/graphql`, transport, ...quick });
    const stream = client.deviceMessages({ deviceIds: ['a'], onGap: (gap) => gaps.push(gap) });
    await until('the gateway has its subscription', async () => {
      const response = await fetch(`${gateway.url}/api/v1/stream/stats`);
      return ((await response.json()) as { active_subscribers: number }).active_subscribers === 1;
    });
    await device.publish('devices/a/messages', '"before"');
    expect((await stream.next()).value).toMatchObject({ payload: 'before', gap: null });
    await gateway.kill();
    await gateway.start();
    await device.publish('devices/a/messages', '"after"');
    for await (const { payload, gap } of stream) {
      if (payload !== 'after') continue;
      expect(gap).toEqual({ missed: null, reason: 'STREAM_RESET' });
      break;
    }
    expect(gaps).toMatchObject([{ deviceId: 'a', missed: null, reason: 'STREAM_RESET' }]);
    await client.close();
  });
});
