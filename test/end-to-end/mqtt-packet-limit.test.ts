import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connectDevice } from '../support/device.ts';
import { startTestGateway, startUnreadyGateway } from '../support/gateway.ts';
import { keepLines, type KeptLine } from '../support/kept-lines.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { rejectionsOf } from '../support/rejections.ts';
import { openStream } from '../support/streams.ts';

const topic = 'devices/d/messages';
const limits = { maxPayloadBytes: 1_000, mqttMaxPacketBytes: 10_000 };
const overPayload = `"${'x'.repeat(5_000)}"`;
const overPacket = `"${'x'.repeat(200_000)}"`;

/** In MQTT 3.1.1, the byte behind the protocol's name; in 5, the same place has a 5. */
const mqtt5Connect = Buffer.from('MQTT\u0005');

/** A way to an MQTT broker that turns away MQTT 5, as a broker does that only speaks 3.1.1. */
async function openOldWay(port: number): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((near) => {
    near.on('error', () => undefined);
    near.once('data', (head) => {
      if (head.includes(mqtt5Connect)) {
        near.destroy();
        return;
      }
      const far = connect(port, '127.0.0.1');
      far.on('error', () => undefined);
      far.on('close', () => near.destroy());
      near.on('close', () => far.destroy());
      far.write(head);
      near.pipe(far).pipe(near);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

function times(lines: readonly KeptLine[], pattern: RegExp): number {
  return lines.filter(({ message }) => pattern.test(message)).length;
}

describe('a packet over the limit', () => {
  it('is kept away by an MQTT 5 broker, and what lies under it is TOO_LARGE', async () => {
    await using mosquitto = await startMosquitto();
    const { logger, lines } = keepLines();
    await using gateway = await startTestGateway({ mqttUrl: mosquitto.url, logger, ...limits });
    await using stream = await openStream('graphql-sse', gateway, ['d']);
    await using device = await connectDevice(mosquitto.url);
    for (const payload of [overPacket, overPayload, '1']) await device.publish(topic, payload);
    expect(await stream.take(1)).toEqual([{ deviceId: 'd', payloadText: '1' }]);
    expect(rejectionsOf(gateway)).toEqual({ TOO_LARGE: 1 });
    expect(times(lines, /connection lost|MAX_PACKET_BYTES/)).toBe(0);
  });

  it('cuts the connection to an MQTT 3.1.1 broker, which then goes on', async () => {
    const { logger, lines } = keepLines();
    await using gateway = await startTestGateway({ logger, ...limits });
    await using stream = await openStream('graphql-sse', gateway, ['d']);
    await using device = await connectDevice(gateway.mqttUrl);
    await device.publish(topic, overPayload);
    await device.publish(topic, overPacket);
    await gateway.until(({ ingestConnected }) => !ingestConnected);
    await gateway.until(({ ingestConnected }) => ingestConnected);
    await device.publish(topic, '1');
    expect(await stream.take(1)).toEqual([{ deviceId: 'd', payloadText: '1' }]);
    expect(rejectionsOf(gateway)).toEqual({ TOO_LARGE: 1 });
    expect(
      times(lines, /a packet of 2000\d\d bytes, over SLUICE_MQTT_MAX_PACKET_BYTES \(10000\)$/),
    ).toBe(1);
  });

  it('ends a persistent session over MQTT 3.1.1 once, and the next one is persistent', async () => {
    await using mosquitto = await startMosquitto();
    await using way = await openOldWay(mosquitto.port);
    const { logger, lines } = keepLines();
    const options = { mqttUrl: way.url, mqttClientId: 'gateway', logger, ...limits };
    await using device = await connectDevice(mosquitto.url);
    {
      await using gateway = await startTestGateway(options);
      await device.publish(topic, overPacket);
      await gateway.until(({ ingestConnected }) => !ingestConnected);
      await gateway.until(({ ingestConnected }) => ingestConnected);
      expect(times(lines, /SLUICE_MQTT_MAX_PACKET_BYTES .*the session is given up/)).toBe(1);
      // It was not resumed, since the packet would have come again.
      expect(times(lines, /^MQTT resumed$/)).toBe(0);
    }
    await device.publish(topic, '"while it was away"');
    await using gateway = await startUnreadyGateway(options);
    await gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === 1);
    expect(times(lines, /SLUICE_MQTT_MAX_PACKET_BYTES/)).toBe(1);
  });
});
