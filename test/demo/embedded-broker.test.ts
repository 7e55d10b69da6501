import { once } from 'node:events';
import { connect as connectSocket, createServer } from 'node:net';
import mqtt, { type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { createEmbeddedBroker, type EmbeddedBroker } from '../../src/demo/embedded-broker.ts';
import { silentLogger } from '../../src/observe/logger.ts';

const clean: Array<() => Promise<unknown>> = [];
afterEach(async () => {
  for (const end of clean.splice(0).toReversed()) await end();
});

type Options = Partial<Parameters<typeof createEmbeddedBroker>[0]>;

async function startBroker(options: Options = {}): Promise<EmbeddedBroker> {
  const broker = await createEmbeddedBroker({ port: 0, logger: silentLogger, ...options });
  clean.push(() => broker.close());
  return broker;
}

async function connect(broker: EmbeddedBroker): Promise<MqttClient> {
  const client = await mqtt.connectAsync(broker.url, { reconnectPeriod: 0 });
  clean.push(() => client.endAsync(true));
  return client;
}

function closeOf(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once('close', resolve));
}

async function expectDelivery(broker: EmbeddedBroker): Promise<void> {
  const client = await connect(broker);
  await client.subscribeAsync('devices/+/messages', { qos: 1 });
  const arrived = new Promise<string>((resolve) => {
    client.once('message', (topic, payload) => resolve(`${topic} ${String(payload)}`));
  });
  await client.publishAsync('devices/a/messages', '{"x":1}', { qos: 1 });
  expect(await arrived).toBe('devices/a/messages {"x":1}');
}

describe('createEmbeddedBroker', () => {
  it('delivers what is published to who subscribes', async () => {
    await expectDelivery(await startBroker());
  });

  it('takes any free port for port 0 and says which', async () => {
    const broker = await startBroker();
    expect(broker.port).toBeGreaterThan(0);
    expect(broker.url).toBe(`mqtt://127.0.0.1:${broker.port}`);
  });

  it('takes a later port when the first one is in use', async () => {
    const first = await startBroker();
    const second = await startBroker({ port: first.port });
    expect(second.port).toBeGreaterThan(first.port);
    await expectDelivery(second);
  });

  it('says which ports it tried when none is free', async () => {
    const server = createServer().listen(65_535, '127.0.0.1');
    clean.push(async () => server.close());
    await new Promise<void>((resolve) => {
      server.once('listening', resolve);
      // Somebody else may have that port: then it is in use all the same.
      server.once('error', () => resolve());
    });
    await expect(startBroker({ port: 65_535 })).rejects.toThrow(
      'no port from 65535 to 65535 on 127.0.0.1 is free for the embedded MQTT broker',
    );
  });

  it('rejects with the reason when it cannot listen there at all', async () => {
    await expect(startBroker({ host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    });
  });

  it('refuses a shared subscription and grants the others', async () => {
    const client = await connect(await startBroker());
    const answer = new Promise((resolve) => client.once('packetreceive', resolve));
    client.subscribe(['$share/group/a', 'b'], { qos: 1 });
    expect(await answer).toMatchObject({ cmd: 'suback', granted: [128, 1] });
  });

  it('keeps nothing for a client that is away', async () => {
    const broker = await startBroker();
    const options = { clientId: 'a', clean: false, reconnectPeriod: 0 };
    const first = await mqtt.connectAsync(broker.url, options);
    await first.subscribeAsync('a', { qos: 1 });
    await first.endAsync();
    const second = mqtt.connect(broker.url, options);
    clean.push(() => second.endAsync(true));
    const connack = new Promise((resolve) => second.once('connect', resolve));
    expect(await connack).toMatchObject({ sessionPresent: false });
  });

  it('disconnects a client that announces a packet beyond the limit, and only that one', async () => {
    const broker = await startBroker({ maxPacketBytes: 1_000 });
    const client = await connect(broker);
    const closed = closeOf(client);
    client.on('error', () => undefined);
    client.publish('a', 'x'.repeat(1_001));
    await closed;
    await expectDelivery(broker);
  });

  it.each([
    ['bytes that are no MQTT', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a length that never ends', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ['a packet before CONNECT', Buffer.from([0x30, 0x03, 0x00, 0x01, 0x61])],
    ['a packet of a reserved type', Buffer.from([0x00, 0x00])],
  ])('survives %s', async (_name, bytes) => {
    const broker = await startBroker();
    const socket = connectSocket(broker.port, '127.0.0.1');
    const closed = once(socket, 'close');
    socket.on('error', () => undefined);
    socket.write(bytes);
    await closed;
    await expectDelivery(broker);
  });

  it('survives a client that vanishes', async () => {
    const broker = await startBroker();
    const socket = connectSocket(broker.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.resetAndDestroy();
    await expectDelivery(broker);
  });

  it('ends every connection and frees the port when it is closed', async () => {
    const broker = await startBroker();
    const client = await connect(broker);
    const silent = connectSocket(broker.port, '127.0.0.1');
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    const closed = [closeOf(client), once(silent, 'close')];
    await broker.close();
    await Promise.all(closed);
    const again = await startBroker({ port: broker.port });
    expect(again.port).toBe(broker.port);
  });

  it('closes once, however often it is told', async () => {
    const broker = await startBroker();
    await Promise.all([broker.close(), broker.close()]);
    await expect(broker.close()).resolves.toBeUndefined();
  });
});
