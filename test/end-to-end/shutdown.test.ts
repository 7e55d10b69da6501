import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { describe, expect, it } from 'vitest';
import type { StreamEnd } from '../support/arrivals.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { openStream, openStreams, streamKinds, type StreamKind } from '../support/streams.ts';
import { until } from '../support/until.ts';
import { upgradeRequest } from '../support/websocket-frames.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** What a client sees that shall come back: no `complete`, no `error` that it would not come back after. */
const goingAway: Record<StreamKind, StreamEnd> = {
  'graphql-websocket': { closeCode: 1001, events: [] },
  'graphql-sse': { whole: true, events: [] },
  'graphql-single-sse': { whole: true, events: [] },
  'graphql-multipart': { whole: true, events: ['SHUTTING_DOWN'] },
  'plain-websocket': { closeCode: 1001, events: [] },
  'plain-sse': { whole: true, events: [] },
};

const pageHeaders = { accept: 'text/html', 'accept-encoding': 'identity' };
/** GraphiQL, by far the largest answer that there is: 9 MB. */
const pageRequest = `GET /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: ${pageHeaders.accept}\r\n\r\n`;

async function refuses(url: string): Promise<void> {
  await expect(fetch(`${url}/health`)).rejects.toThrow();
  const webSocket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
  const [error] = (await once(webSocket, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNREFUSED');
}

describe('a gateway that closes', () => {
  it('tells its clients to come back, and takes no new ones', async () => {
    await using gateway = await startTestGateway();
    const streams = await openStreams(streamKinds, gateway, ['d']);
    await gateway.close();
    const ends = await Promise.all(streams.map(({ ended }) => ended));
    expect(Object.fromEntries(ends.map((end, i) => [streamKinds[i], end]))).toEqual(goingAway);
    expect(gateway.stats()).toMatchObject({
      activeSubscribers: 0,
      connections: 0,
      ingestConnected: false,
    });
    await refuses(gateway.url);
  });

  it.each(streamKinds)('sends what is due before it goes: %s', async (kind) => {
    await using mosquitto = await startMosquitto();
    await using gateway = await startTestGateway({ mqttUrl: mosquitto.url });
    await using device = await connectDevice(mosquitto.url);
    await using stream = await openStream(kind, gateway, ['d']);
    await device.publishAll(
      Array.from({ length: 1_000 }, (_, n) => ({ topic: 'devices/d/messages', payload: `${n}` })),
    );
    await gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === 1_000);
    await gateway.close();
    await stream.ended;
    expect(stream.received).toBe(1_000);
  });

  it.each(streamKinds)(
    'waits for a client that has not read for a while, and sends what is queued: %s',
    async (kind) => {
      await using gateway = await startTestGateway({ drainMs: 30_000 });
      await using device = await connectDevice(gateway.mqttUrl);
      await using stream = await openStream(kind, gateway, ['d']);
      stream.pause();
      const payload = JSON.stringify('x'.repeat(100_000));
      while (gateway.stats().messagesDropped === 0) {
        await device.publish('devices/d/messages', payload);
      }
      const { messagesDelivered, messagesQueued } = gateway.stats();
      expect(messagesQueued).toBe(gateway.settings.queueSize);
      const closing = gateway.close();
      stream.resume();
      await closing;
      expect(await stream.ended).toEqual(goingAway[kind]);
      expect(stream.received).toBe(messagesDelivered + messagesQueued);
    },
  );

  it('lets an answer finish that its client takes slowly', async () => {
    await using gateway = await startTestGateway({ drainMs: 30_000 });
    const page = await fetch(`${gateway.url}/graphql`, { headers: pageHeaders });
    const { length } = await page.text();
    // Far more than the kernel takes on behalf of a client that does not read.
    await using socket = await RawSocket.connect(gateway.url);
    await socket.write(pageRequest.repeat(4));
    await socket.head();
    socket.pause();
    const closing = gateway.close();
    await refuses(gateway.url);
    let received = 0;
    socket.readAll((chunk) => {
      received += chunk.length;
    });
    socket.resume();
    await closing;
    await socket.closed;
    expect(received).toBeGreaterThan(4 * length);
  });

  it('gives up an answer that nobody takes when drainMs is over', async () => {
    await using gateway = await startTestGateway({ drainMs: 50 });
    await using socket = await RawSocket.connect(gateway.url);
    await socket.write(pageRequest.repeat(4));
    await socket.head();
    socket.pause();
    await gateway.close();
    await refuses(gateway.url);
  });

  it.each([
    ['that has asked nothing', ''],
    ['that was answered and stays', 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ])('does not wait for a client %s', async (_what, request) => {
    await using gateway = await startTestGateway({ drainMs: 30_000 });
    await using socket = await RawSocket.connect(gateway.url);
    if (request !== '') {
      await socket.write(request);
      await socket.head();
    }
    await gateway.close();
    await socket.closed;
  });

  it('does not wait for a client that was refused a WebSocket and does not close its side', async () => {
    await using gateway = await startTestGateway({ drainMs: 30_000 });
    const { hostname, port } = new URL(gateway.url);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    socket.write(upgradeRequest('/nothing'));
    socket.resume();
    await once(socket, 'end');
    await gateway.close();
    socket.destroy();
    await once(socket, 'close');
  });

  it('does not wait for a connection that it has refused', { timeout: 20_000 }, async () => {
    await using gateway = await startTestGateway({ maxConnections: 1 });
    await using stream = await openStream('plain-websocket', gateway, ['d']);
    await using refused = await RawSocket.connect(gateway.url);
    await refused.write(upgradeRequest('/api/v1/stream?device_ids=d'));
    expect(await refused.head()).toMatch(/^HTTP\/1\.1 101 /);
    await gateway.close();
    await refused.closed;
    await stream.ended;
  });

  it.each(streamKinds)(
    'gives up a client that does not read when drainMs is over: %s',
    async (kind) => {
      await using gateway = await startTestGateway({ drainMs: 50 });
      await using device = await connectDevice(gateway.mqttUrl);
      await using stream = await openStream(kind, gateway, ['d']);
      stream.pause();
      const payload = JSON.stringify('x'.repeat(100_000));
      while (gateway.stats().messagesDropped === 0) {
        await device.publish('devices/d/messages', payload);
      }
      const closing = gateway.close();
      await refuses(gateway.url);
      await closing;
      const stats = gateway.stats();
      expect(stats).toMatchObject({ connections: 0, activeSubscribers: 0, messagesQueued: 0 });
      // What waited for it is no silent loss.
      expect(stats.messagesDelivered + stats.messagesDropped).toBe(stats.totalMessagesProcessed);
    },
  );

  it('closes once, whoever asks, and at any time', async () => {
    await using gateway = await startTestGateway();
    await Promise.all([gateway.close(), gateway.close()]);
    await gateway.close();
    await refuses(gateway.url);
  });

  it('closes while the MQTT broker is away', async () => {
    await using mosquitto = await startMosquitto();
    await using gateway = await startTestGateway({ mqttUrl: mosquitto.url });
    await mosquitto.kill();
    await gateway.close();
    await refuses(gateway.url);
  });

  it('may be one of ten in a process', async () => {
    await using stack = new AsyncDisposableStack();
    const gateways: TestGateway[] = [];
    for (let i = 0; i < 10; i += 1) {
      gateways.push(stack.use(await startTestGateway({ simulatedDevices: 1 })));
    }
    expect(new Set(gateways.map(({ url }) => url)).size).toBe(10);
    await using stream = await openStream('plain-sse', gateways[9]!, ['d']);
    await using other = await openStream('plain-sse', gateways[0]!, ['d']);
    await using device = await connectDevice(gateways[9]!.mqttUrl);
    await device.publish('devices/d/messages', '1');
    await stream.take(1);
    expect(other.received).toBe(0);
    await Promise.all(gateways.map((gateway) => gateway.close()));
    for (const gateway of gateways) await refuses(gateway.url);
  });

  it('opens and closes ten times in a row', async () => {
    for (let i = 0; i < 10; i += 1) {
      await using gateway = await startTestGateway();
      await using stream = await openStream(streamKinds[i % streamKinds.length]!, gateway, ['d']);
      await gateway.close();
      await stream.ended;
    }
  });
});

describe('a subscription without a network', () => {
  it('is an async iterable', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const subscription = gateway.subscribe({ deviceIds: ['d'] });
    await device.publish('devices/other/messages', '0');
    for (const n of [1, 2, 3]) await device.publish('devices/d/messages', `${n}.0`);
    const payloads: string[] = [];
    for await (const { payload } of subscription) {
      payloads.push(payload);
      if (payloads.length === 3) break;
    }
    expect(payloads).toEqual(['1.0', '2.0', '3.0']);
    expect(gateway.stats()).toMatchObject({ activeSubscribers: 0, devicesBeingMonitored: 0 });
  });

  it('ends with the gateway', async () => {
    await using gateway = await startTestGateway();
    const subscription = gateway.subscribe({ deviceIds: ['d'] });
    const next = subscription.next();
    await gateway.close();
    expect(await next).toEqual({ value: undefined, done: true });
    expect(subscription.ended).toBe(true);
  });
});

describe('a gateway that has announced its shutdown', () => {
  it('says so by /ready, and serves everything until it is closed', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    gateway.announceShutdown();
    const { status, checks } = await gateway.readiness();
    expect(status).toBe(503);
    expect(checks).toEqual({ mqtt: 'ok', clients: 'the gateway is shutting down' });
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    const streams = await openStreams(streamKinds, gateway, ['d']);
    await device.publish('devices/d/messages', '1');
    await Promise.all(streams.map((stream) => stream.take(1)));
    await gateway.close();
    await refuses(gateway.url);
  });
});

describe('sluice serve', () => {
  it('serves for SLUICE_SHUTDOWN_DELAY_MS after the first signal, and ends at the second', async () => {
    await using mosquitto = await startMosquitto();
    await using server = await startGatewayProcess({
      SLUICE_MQTT_URL: mosquitto.url,
      SLUICE_SHUTDOWN_DELAY_MS: '3600000',
    });
    const isReady = async (): Promise<boolean> => (await fetch(`${server.url}/ready`)).ok;
    await until('it is ready', isReady);
    server.signal('SIGTERM');
    await until('/ready answers 503', async () => !(await isReady()));
    await using device = await connectDevice(mosquitto.url);
    await using stream = await openStream('graphql-websocket', server, ['d']);
    await device.publish('devices/d/messages', '1');
    await stream.take(1);
    server.signal('SIGTERM');
    expect(await server.exited).toBe(143);
  });

  it('closes when SLUICE_SHUTDOWN_DELAY_MS is over', async () => {
    await using mosquitto = await startMosquitto();
    await using server = await startGatewayProcess({
      SLUICE_MQTT_URL: mosquitto.url,
      SLUICE_SHUTDOWN_DELAY_MS: '50',
    });
    await using stream = await openStream('graphql-websocket', server, ['d']);
    server.signal('SIGTERM');
    expect(await stream.ended).toEqual(goingAway['graphql-websocket']);
    expect(await server.exited).toBe(0);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with code 0 on %s while clients are connected',
    async (signal) => {
      const child = spawn(process.execPath, [main, 'serve'], {
        env: {
          PATH: process.env['PATH'] ?? '',
          SLUICE_PORT: '0',
          SLUICE_EMBEDDED_MQTT_PORT: '0',
          SLUICE_SIMULATED_DEVICES: '5',
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let logged = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        logged += text;
      });
      const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
      try {
        const address = /http:\/\/127\.0\.0\.1:\d+/;
        await until(
          'it tells its address',
          () => address.test(logged),
          () => logged,
        );
        const [url] = address.exec(logged)!;
        const ids = Array.from({ length: 5 }, (_, i) => `tracker-00${i + 1}`);
        const streams = await Promise.all(
          streamKinds.map((kind) => openStream(kind, { url }, ids)),
        );
        await Promise.all(streams.map((stream) => stream.take(3)));
        child.kill(signal);
        const ends = await Promise.all(streams.map(({ ended }) => ended));
        expect(Object.fromEntries(ends.map((end, i) => [streamKinds[i], end]))).toEqual(goingAway);
        expect(await closed).toEqual([0, null]);
      } finally {
        child.kill('SIGKILL');
        await closed;
      }
    },
  );
});
