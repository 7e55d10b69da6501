import mqtt from 'mqtt';
import { describe, expect, it } from 'vitest';
import type { GatewayOptions } from '../../src/config/gateway-options.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { keepLines, type KeptLine } from '../support/kept-lines.ts';
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { rejectionsOf } from '../support/rejections.ts';
import { openStream } from '../support/streams.ts';
import { until } from '../support/until.ts';

const clientId = 'gateway';

/** A session of that client id which holds this subscription, as another program leaves it. */
async function leave(
  { url }: Mosquitto,
  filter: string,
  protocolVersion: 4 | 5 = 5,
): Promise<void> {
  const client = await mqtt.connectAsync(url, {
    clientId,
    clean: false,
    protocolVersion,
    ...(protocolVersion === 5 && { properties: { sessionExpiryInterval: 3_600 } }),
  });
  await client.subscribeAsync(filter, { qos: 1 });
  await client.endAsync();
}

function linesOf(lines: readonly KeptLine[]): readonly KeptLine[] {
  return lines.filter(({ fields }) => String(fields['event']).startsWith('mqtt.left_'));
}

describe('a persistent session', () => {
  it('loses the subscription to topics that are no longer wanted', async () => {
    await using mosquitto = await startMosquitto();
    await leave(mosquitto, 'old/+/data');
    const { logger, lines } = keepLines();
    await using gateway = await startTestGateway({
      mqttUrl: mosquitto.url,
      mqttClientId: clientId,
      logger,
    });
    await using device = await connectDevice(mosquitto.url);
    await device.publish('old/x/data', '1');
    await until('it is told', () => linesOf(lines).length > 0);
    await device.publish('old/x/data', '2');
    await device.publish('old/y/data', '3');
    await device.publish('devices/d/messages', '4');
    await gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === 1);
    expect(rejectionsOf(gateway)).toEqual({ UNWANTED_TOPIC: 1 });
    expect(linesOf(lines)).toMatchObject([
      {
        level: 'warn',
        fields: {
          event: 'mqtt.left_subscription_ended',
          topic: 'old/x/data',
          filters: ['old/+/data'],
        },
      },
    ]);
  });

  it('loses a wider subscription of before, whose copies would come beside those of today', async () => {
    await using mosquitto = await startMosquitto();
    const options: GatewayOptions = { mqttUrl: mosquitto.url, mqttClientId: clientId };
    const first = await startTestGateway({ ...options, topics: ['devices/{deviceId}/#'] });
    await first.close();
    const { logger, lines } = keepLines();
    await using gateway = await startTestGateway({
      ...options,
      logger,
      topics: ['devices/{deviceId}/messages'],
    });
    await using stream = await openStream('graphql-sse', gateway, ['d', 'end']);
    await using device = await connectDevice(mosquitto.url);
    await device.publish('devices/other/messages', '0');
    await until('it is told', () => linesOf(lines).length > 0);
    expect(linesOf(lines)[0]!.fields['filters']).toEqual(['devices/+/#']);
    await device.publish('devices/d/messages', '1');
    await device.publish('devices/d/else', '2');
    await device.publish('devices/end/messages', '3');
    expect((await stream.take(2)).map(({ payloadText }) => payloadText)).toEqual(['1', '3']);
    expect(rejectionsOf(gateway)).toEqual({});
  });

  it('brings what it had queued for filters that stand in another order today', async () => {
    await using mosquitto = await startMosquitto();
    const options: GatewayOptions = { mqttUrl: mosquitto.url, mqttClientId: clientId };
    const first = await startTestGateway({ ...options, topics: ['a/{deviceId}', 'b/{deviceId}'] });
    await first.close();
    await using device = await connectDevice(mosquitto.url);
    await device.publish('b/d', '1');
    await using gateway = await startTestGateway({
      ...options,
      topics: ['b/{deviceId}', 'c/{deviceId}', 'a/{deviceId}'],
    });
    await gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === 1);
  });

  it('brings what it had queued for a filter that is no longer there, where another one wants it', async () => {
    await using mosquitto = await startMosquitto();
    const options: GatewayOptions = { mqttUrl: mosquitto.url, mqttClientId: clientId };
    const first = await startTestGateway({
      ...options,
      topics: ['a/{deviceId}/#', 'b/{deviceId}'],
    });
    await first.close();
    await using device = await connectDevice(mosquitto.url);
    await device.publish('a/d/x', '1');
    await using gateway = await startTestGateway({
      ...options,
      topics: ['c/{deviceId}', 'a/{deviceId}/x'],
    });
    await gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === 1);
  });
});
