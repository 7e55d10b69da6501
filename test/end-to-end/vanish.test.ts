import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { openStream, openStreams, streamKinds, type Stream } from '../support/streams.ts';

const crowd = fileURLToPath(new URL('../support/crowd.ts', import.meta.url));

const nobody = {
  activeSubscribers: 0,
  devicesBeingMonitored: 0,
  connections: 0,
  messagesQueued: 0,
};

describe('connections that vanish', () => {
  it('are forgotten, a thousand of all kinds at once', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const streams: Stream[] = [];
    for (let i = 0; i < 50; i += 1) {
      const kinds = Array.from({ length: 20 }, (_, n) => streamKinds[n % streamKinds.length]!);
      streams.push(...(await openStreams(kinds, gateway, [`d${i}`, 'shared'])));
    }
    expect(gateway.stats()).toMatchObject({
      activeSubscribers: 1_000,
      devicesBeingMonitored: 51,
      connections: 1_000,
    });
    await device.publish('devices/shared/messages', '{"n":1}');
    await Promise.all(streams.map((stream) => stream.take(1)));

    for (const stream of streams) stream.vanish();
    await gateway.until(
      ({ activeSubscribers, connections }) => activeSubscribers === 0 && connections === 0,
    );
    expect(gateway.stats()).toMatchObject({ ...nobody, messagesDelivered: 1_000 });

    await device.publish('devices/shared/messages', '{"n":2}');
    await gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === 2);
    expect(gateway.stats().messagesDelivered).toBe(1_000);
  });

  it('are forgotten, fifty of each kind whose process was killed', async () => {
    await using gateway = await startTestGateway();
    const child = spawn(process.execPath, [crowd, gateway.url, '50'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    await Promise.race([once(child.stdout, 'data'), exited]);
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 50 * streamKinds.length);
    expect(gateway.stats()).toMatchObject({
      devicesBeingMonitored: 50,
      connections: 50 * streamKinds.length,
    });
    child.kill('SIGKILL');
    await exited;
    await gateway.until(({ connections }) => connections === 0);
    expect(gateway.stats()).toMatchObject(nobody);
  });

  it.each(streamKinds)('are forgotten while messages wait for them: %s', async (kind) => {
    await using gateway = await startTestGateway({ queueSize: 10 });
    await using device = await connectDevice(gateway.mqttUrl);
    const stream = await openStream(kind, gateway, ['d']);
    stream.pause();
    const payload = JSON.stringify('x'.repeat(100_000));
    while (gateway.stats().messagesDropped === 0) {
      await device.publish('devices/d/messages', payload);
    }
    expect(gateway.stats().messagesQueued).toBe(10);
    stream.vanish();
    await gateway.until(({ connections }) => connections === 0);
    expect(gateway.stats()).toMatchObject(nobody);
  });
});

describe('a peer that answers no ping', () => {
  it.each(['graphql-websocket', 'plain-websocket'] as const)('is given up: %s', async (kind) => {
    await using gateway = await startTestGateway({ keepAliveMs: 100 });
    await using silent = await openStream(kind, gateway, ['d']);
    await using lively = await openStream(kind, gateway, ['d']);
    silent.pause();
    await gateway.until(({ connections }) => connections === 1);
    expect(gateway.stats()).toMatchObject({ activeSubscribers: 1, devicesBeingMonitored: 1 });

    await using device = await connectDevice(gateway.mqttUrl);
    await device.publish('devices/d/messages', '1');
    expect(await lively.take(1)).toHaveLength(1);
  });
});
