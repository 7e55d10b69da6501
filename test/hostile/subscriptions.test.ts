import { describe, expect } from 'vitest';
import { openProtocol, type ProtocolMessage } from '../support/graphql-transport-ws.ts';
import { keepLines } from '../support/kept-lines.ts';
import { openRawProtocol, type RawProtocol } from '../support/raw-protocol.ts';
import { refusalsOf } from '../support/refusals.ts';
import { rejectionsOf } from '../support/rejections.ts';
import { until } from '../support/until.ts';
import { fillTurns, names, withstands, type Attack, type Scene } from './scene.ts';

function subscribe(id: string, query: string): ProtocolMessage {
  return { id, type: 'subscribe', payload: { query } };
}

/** A subscription whose selection nobody else has. */
function ofItsOwn(n: number, device = 'a'): string {
  return `subscription { deviceMessages(deviceIds: ["${device}"]) { x${n}: deviceId ${names(4, 'payload')} } }`;
}

async function openRaw({ gateway, attackers }: Scene): Promise<RawProtocol> {
  return attackers.use(await openRawProtocol(gateway.url));
}

/** Messages of one device, and the gateway has come to the last of them. */
async function publish({ device, gateway }: Scene, count: number, payload: string): Promise<void> {
  const before = gateway.stats().totalMessagesProcessed;
  await device.publishAll(
    Array.from({ length: count }, () => ({ topic: 'devices/a/messages', payload })),
  );
  await gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === before + count);
}

const { logger, lines } = keepLines();

const subscriptions: Attack[] = [
  {
    what: 'C4: 100 selections on one connection',
    async play(scene) {
      const { gateway, attackers } = scene;
      const client = attackers.use(await openProtocol(gateway.webSocketUrl));
      for (let n = 0; n < 100; n += 1) client.subscribe(`${n}`, ofItsOwn(n));
      const said = await client.rest();
      expect(said).toHaveLength(84);
      expect(said.every(({ type }) => type === 'error')).toBe(true);
      expect(refusalsOf(gateway)).toEqual({ SELECTIONS: 84 });
      await publish(scene, 50, '1');
      // Each message once for each selection that was taken.
      expect(await client.take(16 * 50)).toHaveLength(16 * 50);
    },
  },
  {
    what: 'C4: more selections than there may be, on many connections',
    options: { maxSelections: 20 },
    async play({ gateway, attackers }) {
      for (let c = 0; c < 10; c += 1) {
        const client = attackers.use(await openProtocol(gateway.webSocketUrl));
        for (let n = 0; n < 10; n += 1) client.subscribe(`${n}`, ofItsOwn(c * 10 + n));
        await client.rest();
      }
      expect(gateway.stats().activeSubscribers).toBeLessThanOrEqual(20);
      expect(refusalsOf(gateway).SELECTIONS).toBeGreaterThanOrEqual(8);
    },
  },
  {
    what: 'H6: 1,000 subscriptions to statistics',
    async play({ gateway, attackers }) {
      const client = attackers.use(await openProtocol(gateway.webSocketUrl));
      const query = 'subscription { brokerStats(intervalMs: 3600000) { version } }';
      for (let n = 0; n < 1_000; n += 1) client.subscribe(`${n}`, query);
      const said = await client.rest();
      expect(said.filter(({ type }) => type === 'error')).toHaveLength(996);
      expect(refusalsOf(gateway)).toEqual({ SUBSCRIPTIONS: 996 });
      // A place is free again for each that is completed.
      client.complete('0');
      client.subscribe('again', query);
      expect((await client.rest()).filter(({ type }) => type === 'error')).toEqual([]);
    },
  },
  {
    // Those that had their turns together were all admitted before one of them counted.
    what: 'H6: 20 subscriptions to statistics in one chunk, while operations fill the turns',
    async play(scene) {
      const { gateway } = scene;
      const client = await openRaw(scene);
      await fillTurns(scene);
      const query = 'subscription { brokerStats(intervalMs: 3600000) { version } }';
      await client.say(...Array.from({ length: 20 }, (_, n) => subscribe(`${n}`, query)));
      await gateway.until(() => refusalsOf(gateway).SUBSCRIPTIONS === 16);
    },
  },
  {
    what: 'devices of many subscriptions',
    options: { maxDevicesPerConnection: 1_000 },
    async play({ gateway, attackers }) {
      const client = attackers.use(await openProtocol(gateway.webSocketUrl));
      for (let n = 0; n < 20; n += 1) {
        const ids = Array.from({ length: 300 }, (_, i) => `"${n}-${i}"`).join(' ');
        client.subscribe(
          `${n}`,
          `subscription { deviceMessages(deviceIds: [${ids}]) { payload gap { missed } } }`,
        );
      }
      expect(await client.rest()).toHaveLength(17);
      expect(gateway.stats().devicesBeingMonitored).toBe(1 + 900);
      expect(refusalsOf(gateway)).toEqual({ SUBSCRIPTIONS: 17 });
    },
  },
  {
    what: 'H7: a replay of large messages that nobody reads',
    async play(scene) {
      const { gateway } = scene;
      await publish(scene, 50, `"${'x'.repeat(100_000)}"`);
      const client = await openRaw(scene);
      client.socket.pause();
      const before = gateway.stats().messagesDelivered;
      const replay = ofItsOwn(1).replace('["a"]', '["a"], replay: 50');
      for (let n = 0; n < 20; n += 1) await client.say(subscribe(`${n}`, replay));
      await gateway.until(({ activeSubscribers }) => activeSubscribers === 21);
      await scene.isServed();
      // All of them are 400 MB; what was rendered is what the kernel has taken, and one more of each.
      const { messagesDelivered, messagesQueued } = gateway.stats();
      expect(messagesDelivered - before).toBeLessThan(100);
      expect(messagesQueued).toBe(0);
    },
  },
  {
    what: 'M3: 100 subscriptions of one connection that all drop messages',
    options: { logger },
    async play(scene) {
      const client = await openRaw(scene);
      const query = 'subscription { deviceMessages(deviceIds: ["a"], maxQueued: 1) { payload } }';
      await client.say(...Array.from({ length: 100 }, (_, n) => subscribe(`${n}`, query)));
      await scene.gateway.until(({ activeSubscribers }) => activeSubscribers === 101);
      client.socket.pause();
      await publish(scene, 30, `"${'x'.repeat(100_000)}"`);
      expect(scene.gateway.stats().messagesDropped).toBeGreaterThan(100);
      const told = lines.filter(({ fields }) => fields['event'] === 'subscription.dropped');
      expect(told).toHaveLength(1);
    },
  },
  {
    what: 'a subscription that is completed and begun again in one chunk, while operations fill the turns',
    async play(scene) {
      const client = await openRaw(scene);
      await fillTurns(scene);
      const query = 'subscription { deviceMessages(deviceIds: ["a"]) { payload } }';
      const again = Array.from({ length: 10 }, () => [
        subscribe('1', query),
        { id: '1', type: 'complete' },
      ]);
      await client.say(...again.flat(), subscribe('1', query), { type: 'ping' });
      expect(await client.said.next()).toEqual({ type: 'pong' });
      await publish(scene, 1, '1');
      expect(await client.said.next()).toMatchObject({ id: '1', type: 'next' });
      expect(scene.gateway.stats().activeSubscribers).toBe(2);
    },
  },
  {
    what: 'subscriptions of clients that go while these wait for a turn',
    async play(scene) {
      const clients = await Promise.all(Array.from({ length: 20 }, () => openRaw(scene)));
      await fillTurns(scene);
      for (const [n, client] of clients.entries()) {
        await client.say(...Array.from({ length: 10 }, (_, i) => subscribe(`${i}`, ofItsOwn(n))));
        client.socket.vanish();
      }
      await scene.isServed();
      await scene.gateway.until(
        ({ activeSubscribers, connections }) => activeSubscribers === 1 && connections === 1,
      );
    },
  },
  {
    what: 'a megabyte of small messages in one chunk, while operations fill the turns',
    async play(scene) {
      const client = await openRaw(scene);
      await fillTurns(scene);
      const pings = Array.from({ length: 5_000 }, () => ({ type: 'pong', payload: { x: 1 } }));
      await client.say(...pings, { type: 'ping' });
      expect(await client.said.next()).toEqual({ type: 'pong' });
    },
  },
];

const messages: Attack[] = [
  {
    what: 'M6: payloads and packets that are too large',
    options: { maxPayloadBytes: 1_000, mqttMaxPacketBytes: 10_000 },
    async play({ device, gateway }) {
      await device.publish('devices/a/messages', `"${'x'.repeat(5_000)}"`);
      await gateway.until(() => rejectionsOf(gateway).TOO_LARGE === 1);
    },
  },
  {
    what: 'M7: payloads that are 80,000 messages',
    async play({ device, gateway, attackers }) {
      const client = attackers.use(await openProtocol(gateway.webSocketUrl));
      for (let n = 0; n < 50; n += 1) {
        client.subscribe(`${n}`, 'subscription { deviceMessages(deviceIds: ["a"]) { position } }');
      }
      await client.rest();
      const before = gateway.stats().totalMessagesProcessed;
      await device.publish('devices/a/messages', `[${'{},'.repeat(79_999)}{}]`);
      await device.publish('devices/a/messages', '{}\n'.repeat(80_000));
      await gateway.until(() => rejectionsOf(gateway).TOO_MANY_MESSAGES === 2);
      expect(gateway.stats().totalMessagesProcessed).toBe(before);
      expect(await client.rest()).toEqual([]);
    },
  },
  {
    what: 'M8: more devices than there may be',
    options: { maxDevices: 20, deviceTtlMs: 1 },
    async play({ device, gateway }) {
      for (let n = 0; n < 100; n += 1) {
        await device.publish(`devices/made-up-${n}/messages`, '1');
        // Time goes by for a device when it is told.
        await until('it is known', () => gateway.stats().totalMessagesProcessed > n);
      }
      await device.publish('devices/new/messages', '1');
      expect(gateway.stats().devicesKnown).toBeLessThanOrEqual(20);
      expect(gateway.stats().devicesForgotten).toBeGreaterThan(0);
    },
  },
];

describe('a gateway withstands subscriptions:', () => {
  withstands(subscriptions);
});

describe('a gateway withstands messages:', () => {
  withstands(messages);
});
