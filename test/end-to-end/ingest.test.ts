import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createGateway } from '../../src/gateway.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import { connectDevice } from '../support/device.ts';
import { freePort } from '../support/free-port.ts';
import { startTestGateway, startUnreadyGateway } from '../support/gateway.ts';
import { keepLines, type KeptLine } from '../support/kept-lines.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { rejectionsOf } from '../support/rejections.ts';
import { openStream, openStreams, streamKinds } from '../support/streams.ts';
import { until } from '../support/until.ts';

/** A way to an MQTT broker that can be cut while the broker lives. */
interface Way extends AsyncDisposable {
  readonly url: string;
  cut(): void;
  mend(): void;
}

async function openWay(to: number): Promise<Way> {
  const sockets = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
    if (!whole) near.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    whole = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend() {
      whole = true;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}

describe('the connection to the MQTT broker', () => {
  it('comes back, with its subscriptions, after the broker was killed and started again', async () => {
    await using mosquitto = await startMosquitto();
    await using gateway = await startTestGateway({ mqttUrl: mosquitto.url });
    await using stream = await openStream('graphql-websocket', gateway, ['d']);
    await mosquitto.kill();
    await gateway.until(({ ingestConnected }) => !ingestConnected);
    expect(await gateway.readiness()).toEqual({
      status: 503,
      checks: { mqtt: 'not connected', clients: 'ok' },
    });

    await mosquitto.restart();
    await gateway.until(({ ingestConnected }) => ingestConnected);
    expect(await gateway.readiness()).toEqual({
      status: 200,
      checks: { mqtt: 'ok', clients: 'ok' },
    });
    await using device = await connectDevice(mosquitto.url);
    await device.publish('devices/d/messages', '{"n":1.0}');
    expect(await stream.take(1)).toEqual([{ deviceId: 'd', payloadText: '{"n":1.0}' }]);
  });

  it('comes back three times in a row', async () => {
    await using mosquitto = await startMosquitto();
    await using gateway = await startTestGateway({
      mqttUrl: mosquitto.url,
      mqttClientId: 'gateway',
    });
    await using stream = await openStream('plain-sse', gateway, ['d']);
    for (let n = 1; n <= 3; n += 1) {
      await mosquitto.restart();
      await using device = await connectDevice(mosquitto.url);
      await gateway.until(({ ingestConnected }) => ingestConnected);
      await device.publish('devices/d/messages', String(n));
      expect(await stream.take(1)).toEqual([
        { deviceId: 'd', payloadText: `{"device_id":"d","value":${n}}` },
      ]);
    }
  });

  it('is tried from the start while no broker is there, and the clients may come already', async () => {
    await using mosquitto = await startMosquitto();
    await mosquitto.stop();
    const { logger, lines } = keepLines();
    await using gateway = await startUnreadyGateway({
      mqttUrl: mosquitto.url,
      logger,
    });
    await using stream = await openStream('graphql-sse', gateway, ['d']);
    await until('the log tells the error', () => lines.length > 2);
    expect(lines.map(({ fields }) => fields['event'])).toEqual([
      'gateway.listening',
      'mqtt.no_session',
      'mqtt.connection_failed',
    ]);
    expect(lines[2]).toEqual({
      level: 'warn',
      // No stack: it is not the gateway that has failed.
      fields: {
        event: 'mqtt.connection_failed',
        mqtt: mosquitto.url,
        code: 'ECONNREFUSED',
        problem: `connect ECONNREFUSED 127.0.0.1:${mosquitto.port}`,
        count: 1,
      },
      message: 'MQTT connection failed',
    });
    // Strangers ask, too, and learn no address.
    expect(await gateway.readiness()).toEqual({
      status: 503,
      checks: { mqtt: 'not connected', clients: 'ok' },
    });
    await mosquitto.restart();
    await gateway.until(({ ingestConnected }) => ingestConnected);
    await using device = await connectDevice(mosquitto.url);
    await device.publish('devices/d/messages', 'true');
    expect(await stream.take(1)).toEqual([{ deviceId: 'd', payloadText: 'true' }]);
  });

  it('tells that the password is wrong, and not the password', async () => {
    await using mosquitto = await startMosquitto({ user: { name: 'sluice', password: 'right' } });
    const { logger, lines } = keepLines();
    await using gateway = await startUnreadyGateway({
      mqttUrl: mosquitto.url,
      mqttUsername: 'sluice',
      mqttPassword: 'wrong',
      logger,
    });
    const failed = (): KeptLine | undefined =>
      lines.find(({ fields }) => fields['event'] === 'mqtt.connection_failed');
    await until('it has failed', () => failed() !== undefined);
    expect(failed()).toMatchObject({
      level: 'warn',
      fields: { mqtt: mosquitto.url, problem: expect.stringMatching(/not authorized/i) },
    });
    expect((await gateway.readiness()).status).toBe(503);
    expect(JSON.stringify(lines)).not.toContain('wrong');
  });

  it('is made with the right password', async () => {
    await using mosquitto = await startMosquitto({ user: { name: 'sluice', password: 'right' } });
    const access = { mqttUsername: 'sluice', mqttPassword: 'right' };
    await using gateway = await startTestGateway({ mqttUrl: mosquitto.url, ...access });
    expect(gateway.stats().ingestConnected).toBe(true);
  });

  it.each([
    ['MQTT 5 with a broker that speaks it', true, '5'],
    ['MQTT 3.1.1 with the embedded broker, which does not speak MQTT 5', false, '3.1.1'],
  ])('speaks %s', async (_what, withMosquitto, protocol) => {
    await using mosquitto = withMosquitto ? await startMosquitto() : undefined;
    const { logger, lines } = keepLines();
    await using gateway = await startTestGateway({ mqttUrl: mosquitto?.url, logger });
    expect(lines).toContainEqual({
      level: 'info',
      message: 'MQTT subscribed',
      fields: expect.objectContaining({ event: 'mqtt.connected', protocol }),
    });
    await using stream = await openStream('plain-websocket', gateway, ['d']);
    await using device = await connectDevice(gateway.mqttUrl);
    await device.publish('devices/d/messages', '{"device_id":"d"}');
    expect(await stream.take(1)).toEqual([{ deviceId: 'd', payloadText: '{"device_id":"d"}' }]);
  });

  it('may be a WebSocket', async () => {
    const port = await freePort();
    await using mosquitto = await startMosquitto({
      lines: [`listener ${port} 127.0.0.1`, 'protocol websockets'],
    });
    await using gateway = await startTestGateway({ mqttUrl: `ws://127.0.0.1:${port}` });
    await using stream = await openStream('graphql-sse', gateway, ['d']);
    await using device = await connectDevice(mosquitto.url);
    await device.publish('devices/d/messages', '1.0');
    expect(await stream.take(1)).toEqual([{ deviceId: 'd', payloadText: '1.0' }]);
  });
});

describe('a persistent session', () => {
  it('brings what was published while the gateway was away', async () => {
    await using mosquitto = await startMosquitto();
    const options = { mqttUrl: mosquitto.url, mqttClientId: 'gateway', mqttQos: 1 } as const;
    const first = await startTestGateway(options);
    await first.close();

    await using device = await connectDevice(mosquitto.url);
    const numbers = Array.from({ length: 500 }, (_, n) => String(n));
    await device.publishAll(numbers.map((payload) => ({ topic: 'devices/d/messages', payload })));

    const second = createGateway({ port: 0, logger: silentLogger, ...options });
    // Before it starts: the messages come with the connection.
    const subscription = second.subscribe({ deviceIds: ['d'] });
    try {
      const arriving: Promise<IteratorResult<{ payload: string }, undefined>>[] = numbers.map(() =>
        subscription.next(),
      );
      await second.start();
      const results = await Promise.all(arriving);
      expect(results.map(({ value }) => value?.payload)).toEqual(numbers);
    } finally {
      await second.close();
    }
  });

  it('is resumed after the connection was cut, with what was published meanwhile', async () => {
    await using mosquitto = await startMosquitto();
    await using way = await openWay(mosquitto.port);
    const { logger, lines } = keepLines();
    await using gateway = await startTestGateway({
      mqttUrl: way.url,
      mqttClientId: 'gateway',
      logger,
    });
    await using stream = await openStream('graphql-websocket', gateway, ['d']);
    await using device = await connectDevice(mosquitto.url);
    const topic = 'devices/d/messages';
    await device.publish(topic, '"before"');
    await stream.take(1);
    way.cut();
    await gateway.until(({ ingestConnected }) => !ingestConnected);
    const numbers = Array.from({ length: 500 }, (_, n) => String(n));
    await device.publishAll(numbers.map((payload) => ({ topic, payload })));
    way.mend();
    const messages = await stream.take(numbers.length);
    expect(messages.map(({ payloadText }) => payloadText)).toEqual(numbers);
    await until('it says so', () => lines.some(({ fields }) => fields['event'] === 'mqtt.resumed'));
    await device.publish(topic, '"behind"');
    expect(await stream.take(1)).toEqual([{ deviceId: 'd', payloadText: '"behind"' }]);
  });

  it('is not what a gateway without a client id has', async () => {
    await using mosquitto = await startMosquitto();
    const first = await startTestGateway({ mqttUrl: mosquitto.url });
    await first.close();
    await using device = await connectDevice(mosquitto.url);
    await device.publish('devices/d/messages', '"lost"');
    await using gateway = await startTestGateway({ mqttUrl: mosquitto.url });
    await using stream = await openStream('graphql-sse', gateway, ['d']);
    await device.publish('devices/d/messages', '"live"');
    expect(await stream.take(1)).toEqual([{ deviceId: 'd', payloadText: '"live"' }]);
    expect(gateway.stats().totalMessagesProcessed).toBe(1);
  });
});

describe.each([
  ['an MQTT 5 broker', true],
  ['an MQTT 3.1.1 broker', false],
])('with %s', (_what, withMosquitto) => {
  it('delivers a message once where topic templates overlap', async () => {
    await using mosquitto = withMosquitto ? await startMosquitto() : undefined;
    await using gateway = await startTestGateway({
      mqttUrl: mosquitto?.url,
      topics: ['site/{deviceId}/#', 'site/+/{deviceId}', '{deviceId}/other/d', 'only/{deviceId}'],
    });
    await using stream = await openStream('graphql-websocket', gateway, ['a', 'b', 'd', 'site']);
    await using device = await connectDevice(gateway.mqttUrl);
    await device.publish('site/a/b', '1');
    await device.publish('site/other/d', '2');
    await device.publish('site/a', '3');
    await device.publish('only/d', '4');
    // The first template that matches names the device.
    expect(await stream.take(3)).toEqual([
      { deviceId: 'a', payloadText: '1' },
      { deviceId: 'a', payloadText: '3' },
      { deviceId: 'd', payloadText: '4' },
    ]);
    expect(gateway.stats()).toMatchObject({ totalMessagesProcessed: 4, messagesRejected: 0 });
  });

  it('takes what was retained before it started', async () => {
    await using mosquitto = withMosquitto ? await startMosquitto() : undefined;
    await using first = await startTestGateway({ mqttUrl: mosquitto?.url });
    await using device = await connectDevice(first.mqttUrl);
    await device.publish('devices/d/messages', '"older"', { retain: true });
    await device.publish('devices/d/messages', '"retained"', { retain: true });
    await device.publish('devices/e/messages', '"cleared"', { retain: true });
    await device.publish('devices/e/messages', '', { retain: true });

    const second = createGateway({ port: 0, mqttUrl: first.mqttUrl, logger: silentLogger });
    const subscription = second.subscribe({ deviceIds: ['d', 'e'] });
    try {
      const arriving = [subscription.next(), subscription.next()];
      await second.start();
      expect((await arriving[0])!.value).toMatchObject({ deviceId: 'd', payload: '"retained"' });
      await device.publish('devices/e/messages', '"live"');
      expect((await arriving[1])!.value).toMatchObject({ deviceId: 'e', payload: '"live"' });
    } finally {
      await second.close();
    }
  });
});

describe('hostile messages', () => {
  it('are counted by reason, and the gateway lives on', async () => {
    await using mosquitto = await startMosquitto();
    await using gateway = await startTestGateway({ mqttUrl: mosquitto.url });
    await using device = await connectDevice(mosquitto.url);
    const streams = await openStreams(streamKinds, gateway, ['d']);
    const nestedArrays = '['.repeat(100_000) + ']'.repeat(100_000);
    const nestedObjects = '{"a":'.repeat(40_000) + '1' + '}'.repeat(40_000);
    const rejected = [
      Buffer.concat([Buffer.from([0xff]), randomBytes(1_000)]),
      Buffer.alloc(1_000),
      Buffer.from(`"${'x'.repeat(1024 * 1024)}"`),
      Buffer.from('['.repeat(200_000)),
      Buffer.from('{"a":'.repeat(40_000)),
      Buffer.from('\ud83d', 'utf16le'),
      Buffer.from('{"a":NaN}'),
      Buffer.from("{'a':1}"),
      Buffer.from('\u00a0'),
    ];
    for (const payload of rejected) await device.publish('devices/d/messages', payload);
    await device.publish('devices/d/messages', nestedArrays);
    await device.publish('devices/d/messages', nestedObjects);
    await device.publish(`devices/${'x'.repeat(300)}/messages`, '1');
    await device.publish('devices//messages', '1');
    await device.publish('devices/d/messages', '"last"');

    for (const [i, stream] of streams.entries()) {
      const [arrays, objects, last] = await stream.take(3);
      // Compared by themselves: a difference of 200,000 characters helps nobody.
      expect(arrays!.payloadText.includes(nestedArrays), streamKinds[i]).toBe(true);
      expect(objects!.payloadText.includes(nestedObjects.slice(1)), streamKinds[i]).toBe(true);
      expect(last!.payloadText, streamKinds[i]).toContain('"last"');
    }
    expect(rejectionsOf(gateway)).toEqual({
      TOO_LARGE: 1,
      INVALID_UTF8: 2,
      NOT_JSON: 6,
      BAD_DEVICE_ID: 1,
      NO_DEVICE_ID: 1,
    });
    expect(gateway.stats()).toMatchObject({ totalMessagesProcessed: 3, devicesKnown: 1 });
  });

  it('may nest the device id deeply, or put something else in its place', async () => {
    await using mosquitto = await startMosquitto();
    await using gateway = await startTestGateway({
      mqttUrl: mosquitto.url,
      topics: ['in/#'],
      deviceIdPointer: '/id',
    });
    await using device = await connectDevice(mosquitto.url);
    await using stream = await openStream('graphql-websocket', gateway, ['d']);
    const nested = '{"id":'.repeat(30_000) + '1' + '}'.repeat(30_000);
    const deepAndLong = `{"id":12345678901234567890,"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const bodies = ['{"id":null}', '{"id":{}}', '{"id":true}', '{"id":""}', '"id"', 'null', '{}'];
    for (const payload of [...bodies, nested, deepAndLong, '{"__proto__":{"id":"d"}}']) {
      await device.publish('in/any', payload);
    }
    await device.publish('in/any', String.raw`{"id":"a\nb"}`);
    await device.publish('in/any', '{"id":"d"}');
    expect(await stream.take(1)).toEqual([{ deviceId: 'd', payloadText: '{"id":"d"}' }]);
    expect(rejectionsOf(gateway)).toEqual({ NO_DEVICE_ID: 10, BAD_DEVICE_ID: 1 });
  });

  it('of random bytes never end the gateway', async () => {
    await using mosquitto = await startMosquitto();
    await using gateway = await startTestGateway({ mqttUrl: mosquitto.url });
    await using device = await connectDevice(mosquitto.url);
    await using stream = await openStream('plain-sse', gateway, ['d']);
    await device.publishAll(
      Array.from({ length: 2_000 }, (_, i) => ({
        topic: 'devices/noise/messages',
        // A control character is no JSON, whatever follows.
        payload: Buffer.concat([Buffer.from([1]), randomBytes(i)]),
      })),
    );
    await device.publish('devices/d/messages', '1');
    await stream.take(1);
    expect(gateway.stats()).toMatchObject({ messagesRejected: 2_000, totalMessagesProcessed: 1 });
  });

  it('beyond maxDevices are rejected, and known devices go on', async () => {
    await using gateway = await startTestGateway({ maxDevices: 2 });
    await using device = await connectDevice(gateway.mqttUrl);
    await using stream = await openStream('graphql-sse', gateway, ['a', 'b', 'c']);
    for (const id of ['a', 'b', 'c', 'c', 'b', 'a']) {
      await device.publish(`devices/${id}/messages`, '1');
    }
    const ids = (await stream.take(4)).map(({ deviceId }) => deviceId);
    expect(ids).toEqual(['a', 'b', 'b', 'a']);
    expect(rejectionsOf(gateway)).toEqual({ TOO_MANY_DEVICES: 2 });
    expect(gateway.stats().devicesKnown).toBe(2);
  });
});
