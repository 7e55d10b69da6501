import { once } from 'node:events';
import { WebSocket } from 'ws';
import { describe, expect, it } from 'vitest';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';
import { subscribeRaw } from '../support/raw-subscriber.ts';
import { streamKinds, type StreamKind } from '../support/streams.ts';

/** What a subscriber hears while no device says anything: at once, and then in each interval. */
const signs: Record<StreamKind, { atOnce: string[]; again: string[] }> = {
  'graphql-websocket': { atOnce: [], again: ['ping frame'] },
  'graphql-sse': { atOnce: ['comment'], again: ['comment'] },
  'graphql-single-sse': { atOnce: ['comment'], again: ['comment'] },
  'graphql-multipart': { atOnce: ['empty part'], again: ['empty part'] },
  'plain-websocket': { atOnce: [], again: ['ping event', 'ping frame'] },
  'plain-sse': { atOnce: ['comment'], again: ['ping event'] },
};

describe('a quiet connection', () => {
  it.each(streamKinds)('hears a sign of life in each interval: %s', async (kind) => {
    const { atOnce, again } = signs[kind];
    await using gateway = await startTestGateway({ keepAliveMs: 100 });
    await using subscriber = await subscribeRaw(kind, gateway.url, 'd');
    const heard = [...atOnce, ...again, ...again];
    expect(await subscriber.told.take(heard.length)).toEqual(heard);
  });

  it.each(streamKinds.filter((kind) => signs[kind].atOnce.length > 0))(
    'has its first byte before any message and any interval: %s',
    async (kind) => {
      await using gateway = await startTestGateway({ keepAliveMs: 3_600_000 });
      await using subscriber = await subscribeRaw(kind, gateway.url, 'd');
      expect(await subscriber.told.next()).toBe(signs[kind].atOnce[0]);
    },
  );

  it.each(streamKinds)('still brings messages behind many intervals: %s', async (kind) => {
    await using gateway = await startTestGateway({ keepAliveMs: 100 });
    await using device = await connectDevice(gateway.mqttUrl);
    await using subscriber = await subscribeRaw(kind, gateway.url, 'd');
    await subscriber.told.take(signs[kind].atOnce.length + signs[kind].again.length);
    await device.publish('devices/d/messages', '1');
    let word = '';
    while (word !== 'message') word = await subscriber.told.next();
  });
});

describe('a WebSocket peer', () => {
  it.each(['/graphql', '/api/v1/stream?device_ids=d'])(
    'is kept for as long as it answers pings, at %s',
    async (path) => {
      await using gateway = await startTestGateway({ keepAliveMs: 100 });
      // It answers by itself, as browsers do.
      const webSocket = new WebSocket(gateway.webSocketUrl + path, 'graphql-transport-ws');
      await once(webSocket, 'open');
      if (path === '/graphql') webSocket.send('{"type":"connection_init"}');
      for (let n = 0; n < 6; n += 1) await once(webSocket, 'ping');
      expect(webSocket.readyState).toBe(WebSocket.OPEN);
      webSocket.terminate();
    },
  );

  it.each(['graphql-websocket', 'plain-websocket'] as const)(
    'is given up when it reads and answers none: %s',
    async (kind) => {
      await using gateway = await startTestGateway({ keepAliveMs: 100 });
      await using subscriber = await subscribeRaw(kind, gateway.url, 'd');
      await subscriber.socket.closed;
      await gateway.until(({ connections }) => connections === 0);
      expect(gateway.stats()).toMatchObject({ activeSubscribers: 0, devicesBeingMonitored: 0 });
    },
  );
});
