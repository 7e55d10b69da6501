import { describe, expect, it } from 'vitest';
import type { GatewayOptions } from '../../src/config/gateway-options.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { openProtocol } from '../support/graphql-transport-ws.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { openStream } from '../support/streams.ts';

const topic = 'devices/d/messages';

async function device(gateway: TestGateway): Promise<unknown> {
  const query = `{ device(id: "d") {
    online lastSeenAt lastMessage { payload retained } messages { payload }
  } }`;
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as { data: { device: unknown } };
  return data.device;
}

/** A gateway that starts when the broker has retained "old", and has then read "marker" of another device. */
async function withRetained(
  options: GatewayOptions,
  holds: (gateway: TestGateway, publish: (payload: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  await using mosquitto = await startMosquitto();
  await using publisher = await connectDevice(mosquitto.url);
  await publisher.publish(topic, '"old"', { retain: true });
  await using gateway = await startTestGateway({
    mqttUrl: mosquitto.url,
    silenceTimeoutMs: 60_000,
    ...options,
  });
  await using marker = await openStream('graphql-sse', gateway, ['marker']);
  // Behind the retained ones, which come with the subscription.
  await publisher.publish('devices/marker/messages', '1');
  await marker.take(1);
  await holds(gateway, (payload) => publisher.publish(topic, payload, { retain: true }));
}

describe('a message that the MQTT broker has retained', () => {
  it('is delivered as such, and does not make its device online', async () => {
    await withRetained({}, async (gateway, publish) => {
      expect(await device(gateway)).toEqual({
        online: false,
        lastSeenAt: null,
        lastMessage: { payload: 'old', retained: true },
        messages: [{ payload: 'old' }],
      });
      await using stream = await openStream('graphql-websocket', gateway, ['d']);
      await publish('"live"');
      await stream.take(1);
      expect(await device(gateway)).toMatchObject({
        online: true,
        lastSeenAt: expect.any(String),
        lastMessage: { payload: 'live', retained: false },
      });
    });
  });

  it('says over a subscription when its device was last seen before it', async () => {
    await withRetained({}, async (gateway, publish) => {
      await using client = await openProtocol(gateway.webSocketUrl);
      client.subscribe(
        '1',
        `subscription { deviceMessages(deviceIds: ["d"], replay: 1) {
          payload receivedAt retained device { lastSeenAt lastMessage { payload } }
        } }`,
      );
      expect(await client.next()).toMatchObject({
        payload: {
          data: {
            deviceMessages: {
              retained: true,
              device: { lastSeenAt: null, lastMessage: { payload: 'old' } },
            },
          },
        },
      });
      await publish('"live"');
      const { payload: result } = (await client.next()) as {
        payload: { data: { deviceMessages: { receivedAt: string } } };
      };
      const { receivedAt } = result.data.deviceMessages;
      expect(result.data.deviceMessages).toEqual({
        payload: 'live',
        receivedAt,
        retained: false,
        device: { lastSeenAt: receivedAt, lastMessage: { payload: 'live' } },
      });
      expect(await device(gateway)).toMatchObject({ lastSeenAt: receivedAt });
    });
  });

  it('is the last message and no other under state, until there is a newer one', async () => {
    await withRetained({ mqttRetained: 'state' }, async (gateway, publish) => {
      expect(await device(gateway)).toEqual({
        online: false,
        lastSeenAt: null,
        lastMessage: { payload: 'old', retained: true },
        messages: [],
      });
      expect(gateway.stats().totalMessagesProcessed).toBe(1);
      await using stream = await openStream('graphql-websocket', gateway, ['d']);
      await publish('"live"');
      expect(await stream.take(1)).toEqual([{ deviceId: 'd', payloadText: '"live"' }]);
      expect(await device(gateway)).toMatchObject({
        lastMessage: { payload: 'live', retained: false },
        messages: [{ payload: 'live' }],
      });
    });
  });

  it('is not there under ignore', async () => {
    await withRetained({ mqttRetained: 'ignore' }, async (gateway) => {
      expect(await device(gateway)).toBe(null);
    });
  });

  it('is not there under ignore with a broker of MQTT 3.1.1 either, but availability is', async () => {
    await using first = await startTestGateway();
    await using publisher = await connectDevice(first.mqttUrl);
    await publisher.publish(topic, '"old"', { retain: true });
    await publisher.publish('devices/d/status', 'online', { retain: true });
    await using gateway = await startTestGateway({
      mqttUrl: first.mqttUrl,
      mqttRetained: 'ignore',
      availabilityTopic: 'devices/{deviceId}/status',
    });
    await gateway.until(({ devicesKnown }) => devicesKnown === 1);
    await using stream = await openStream('graphql-websocket', gateway, ['d']);
    await publisher.publish(topic, '"live"');
    expect(await stream.take(1)).toEqual([{ deviceId: 'd', payloadText: '"live"' }]);
    expect(await device(gateway)).toMatchObject({ online: true, messages: [{ payload: 'live' }] });
  });

  it('is the last message no more when it is deleted, which nobody is sent', async () => {
    await withRetained({}, async (gateway, publish) => {
      await using stream = await openStream('graphql-websocket', gateway, ['d']);
      await publish('');
      await gateway.until(({ messagesCleared }) => messagesCleared === 1);
      expect(await device(gateway)).toMatchObject({ lastMessage: null });
      await publish('"next"');
      expect(await stream.take(1)).toEqual([{ deviceId: 'd', payloadText: '"next"' }]);
      expect(await device(gateway)).toMatchObject({ lastMessage: { payload: 'next' } });
      expect(gateway.stats().messagesRejected).toBe(0);
    });
  });
});
