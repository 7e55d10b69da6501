import { describe, expect, it } from 'vitest';
import { readVersion } from '../../src/version.ts';
import { abortRequest } from '../support/aborted-request.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway, startUnreadyGateway } from '../support/gateway.ts';
import { keepLines, type KeptLine } from '../support/kept-lines.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { openStream, streamKinds } from '../support/streams.ts';
import { until } from '../support/until.ts';

function eventsOf(lines: readonly KeptLine[]): unknown[] {
  return lines.map(({ fields }) => fields['event']);
}

describe('the log', () => {
  it('says ready when the MQTT broker is connected for the first time, and once', async () => {
    await using mosquitto = await startMosquitto();
    await mosquitto.stop();
    const { logger, lines } = keepLines();
    await using gateway = await startUnreadyGateway({
      mqttUrl: mosquitto.url,
      logger,
    });
    await until('it fails', () => eventsOf(lines).includes('mqtt.connection_failed'));
    expect(lines[0]!.fields).toEqual({ event: 'gateway.listening', url: gateway.url });
    expect(eventsOf(lines)).not.toContain('gateway.ready');
    await mosquitto.restart();
    await gateway.until(({ ingestConnected }) => ingestConnected);
    await mosquitto.restart();
    await gateway.until(({ ingestConnected }) => ingestConnected);
    const ready = lines.filter(({ fields }) => fields['event'] === 'gateway.ready');
    expect(ready.map(({ fields }) => fields)).toEqual([
      {
        event: 'gateway.ready',
        version: readVersion(),
        url: gateway.url,
        mqtt: mosquitto.url,
        topics: ['devices/{deviceId}/messages'],
      },
    ]);
  });

  it('has nothing of another protocol version when the MQTT broker is its own', async () => {
    const { logger, lines } = keepLines();
    await using gateway = await startTestGateway({ embeddedMqttPort: 0, logger });
    await gateway.until(({ ingestConnected }) => ingestConnected);
    expect(eventsOf(lines)).toContain('gateway.ready');
    expect(eventsOf(lines)).not.toContain('mqtt.protocol_changed');
  });

  it('has no line above debug for a client that goes while it sends', async () => {
    const { logger, lines } = keepLines();
    await using gateway = await startTestGateway({ logger });
    await abortRequest(gateway.url);
    await until('it is told', () => eventsOf(lines).includes('request.failed'));
    expect(lines.find(({ fields }) => fields['event'] === 'request.failed')!.level).toBe('debug');
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('counts in the stats what was not written', async () => {
    const { logger, lines } = keepLines();
    await using gateway = await startTestGateway({ logger });
    // Each ends 100 subscriptions, and each end is a line.
    for (let i = 0; i < 10; i += 1) {
      const subscriptions = Array.from({ length: 100 }, () =>
        gateway.subscribe({ deviceIds: ['d'] }),
      );
      await Promise.all(subscriptions.map((subscription) => subscription.return()));
    }
    expect(lines.length + gateway.stats().logLinesDropped).toBeGreaterThan(1_000);
    expect(gateway.stats().logLinesDropped).toBeGreaterThan(0);
  });

  it('has one line for a WebSocket with a hundred subscriptions that does not read', async () => {
    const { logger, lines } = keepLines();
    await using gateway = await startTestGateway({ logger });
    const who = 'websocket 127.0.0.1:1';
    for (let i = 0; i < 100; i += 1) {
      gateway.subscribe({ deviceIds: ['d'], who, maxQueued: 1 });
    }
    await using device = await connectDevice(gateway.mqttUrl);
    for (let i = 0; i < 5; i += 1) await device.publish('devices/d/messages', String(i));
    await gateway.until(({ messagesDropped }) => messagesDropped === 400);
    await gateway.close();
    const dropped = lines.filter(({ fields }) => fields['event'] === 'subscription.dropped');
    expect(dropped.map(({ fields }) => [fields['who'], fields['dropped']])).toEqual([
      [who, 1],
      [who, 399],
    ]);
  });

  it('says at the end what was cut and what was not delivered', async () => {
    const { logger, lines } = keepLines();
    await using gateway = await startTestGateway({ drainMs: 50, logger });
    await using device = await connectDevice(gateway.mqttUrl);
    const payload = JSON.stringify('x'.repeat(100_000));
    await using disposal = new AsyncDisposableStack();
    for (const kind of streamKinds) {
      const stream = disposal.use(await openStream(kind, gateway, ['d']));
      stream.pause();
    }
    disposal.use(await openStream('graphql-websocket', gateway, ['other']));
    // GraphiQL is far more than the kernel takes on behalf of a client that does not read.
    const page = disposal.use(await RawSocket.connect(gateway.url));
    await page.write(
      'GET /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n'.repeat(4),
    );
    await page.head();
    page.pause();
    const { length } = streamKinds;
    await until('nobody takes any more', async () => {
      await device.publish('devices/d/messages', payload);
      return gateway.stats().messagesQueued >= length * gateway.settings.queueSize;
    });
    await gateway.close();
    const { fields } = lines.at(-1)!;
    expect(fields).toMatchObject({
      event: 'gateway.closed',
      connections: length + 1,
      connectionsCut: length,
      subscriptionsEnded: length + 1,
      messagesNotDelivered: length * gateway.settings.queueSize,
    });
    expect(fields['requestsCut']).toBeGreaterThan(0);
    expect(fields['durationMs']).toBeGreaterThanOrEqual(50);
  });

  it('closes without a cut when everybody reads', async () => {
    const { logger, lines } = keepLines();
    await using gateway = await startTestGateway({ logger });
    await using stream = await openStream('plain-sse', gateway, ['d']);
    await gateway.close();
    await stream.ended;
    expect(lines.at(-1)!.fields).toMatchObject({
      event: 'gateway.closed',
      connections: 1,
      connectionsCut: 0,
      requestsCut: 0,
      subscriptionsEnded: 1,
      messagesNotDelivered: 0,
    });
  });
});
