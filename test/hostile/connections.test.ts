import { describe, expect } from 'vitest';
import { openEventStream } from '../support/event-stream.ts';
import { openRawProtocol } from '../support/raw-protocol.ts';
import { refusalsOf } from '../support/refusals.ts';
import { openReservation } from '../support/reservation.ts';
import { until } from '../support/until.ts';
import { clientFrame, Opcode, upgradeRequest } from '../support/websocket-frames.ts';
import {
  connect,
  fillTurns,
  largeQuery,
  postHead,
  postText,
  withstands,
  type Attack,
  type Scene,
} from './scene.ts';

const follow = { query: 'subscription { deviceMessages(deviceIds: ["a"]) { topic } }' };
const plainStream = 'GET /api/v1/stream?device_ids=a HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Sockets, each of which has said so much; tells how many of them are still open. */
async function connectMany(scene: Scene, count: number, text: string): Promise<() => number> {
  let open = 0;
  for (let n = 0; n < count; n += 1) {
    const socket = await connect(scene);
    open += 1;
    void socket.closed.then(() => (open -= 1));
    // It may be cut while it speaks.
    void socket.write(text);
  }
  return () => open;
}

/** A frame that is a part of a message. */
function part(opcode: number, length: number): Buffer {
  const frame = clientFrame(opcode, Buffer.alloc(length, ' '));
  frame[0] = opcode;
  return frame;
}

const streams: [string, string][] = [
  ['the plain stream', plainStream],
  ['server-sent events', postText(follow, 'text/event-stream')],
  ['multipart', postText(follow, 'multipart/mixed;subscriptionSpec=1.0')],
];

/** Behind a stream that does not end nothing can be delivered: none of them may take a place. */
const pipelined: Attack[] = streams.map(([what, request]) => ({
  what: `H2: 1,000 requests for ${what} on one socket`,
  async play(scene) {
    const { gateway } = scene;
    const socket = await connect(scene);
    let most = 0;
    void socket.write(request.repeat(1_000));
    let closed = false;
    void socket.closed.then(() => (closed = true));
    await until('it is cut', () => {
      most = Math.max(most, gateway.stats().connections);
      return closed;
    });
    // That of the witness, and one stream.
    expect(most).toBeLessThanOrEqual(2);
    expect(refusalsOf(gateway).BUSY_SOCKET).toBeGreaterThan(0);
  },
}));

const sockets: Attack[] = [
  ...pipelined,
  {
    what: 'queries behind a stream',
    async play(scene) {
      const { gateway } = scene;
      const socket = await connect(scene);
      await socket.write(plainStream);
      await gateway.until(({ connections }) => connections === 2);
      await socket.write(postText({ query: '{ __typename }' }).repeat(100));
      await socket.closed;
      expect(refusalsOf(gateway).BUSY_SOCKET).toBeGreaterThan(0);
    },
  },
  {
    what: 'H3: half heads and half bodies, more than there may be connections',
    options: { maxConnections: 20, maxIncomingBytes: 67_108_864 },
    async play(scene) {
      const halfHeads = await connectMany(scene, 100, 'GET /graphql HTTP/1.1\r\nHo');
      await until('the others are cut', () => halfHeads() <= 20);
      await scene.isServed();
      // In use, so that they stay; 256 more may be open to be told that they are too many.
      const halfBodies = await connectMany(scene, 400, `${postHead(1_000)}{`);
      await until('the others are cut', () => halfHeads() + halfBodies() <= 20 + 256);
      expect(refusalsOf(scene.gateway).CONNECTIONS).toBeGreaterThan(400);
    },
  },
  {
    what: 'H3: half a head and half a body, for as long as they may take',
    options: { headTimeoutMs: 100, requestTimeoutMs: 200 },
    async play(scene) {
      const open = await connectMany(scene, 2, 'GET /graphql HTTP/1.1\r\nHo');
      const openToo = await connectMany(scene, 2, `${postHead(1_000)}{`);
      await until('they are cut', () => open() + openToo() === 0);
      expect(refusalsOf(scene.gateway)).toEqual({ REQUEST_TIMEOUT: 4 });
    },
  },
  {
    what: 'H3: bodies that are more than there is memory for',
    async play(scene) {
      await connectMany(scene, 10, postHead(1_000_000) + ' '.repeat(400_000));
      const { gateway } = scene;
      // Two of them are nearly all.
      await gateway.until(() => (refusalsOf(gateway).INCOMING_BYTES ?? 0) >= 8);
    },
  },
  {
    what: 'M1: reservations without a stream',
    options: { maxReservations: 5 },
    async play({ gateway, attackers }) {
      for (let n = 0; n < 50; n += 1) await openReservation(gateway.url);
      expect(refusalsOf(gateway)).toEqual({ RESERVATIONS: 45 });
      expect(gateway.stats().connections).toBe(1 + 5);
      // Whoever comes next gets one, in the place of one of those.
      const own = await Promise.all(Array.from({ length: 5 }, () => openReservation(gateway.url)));
      for (const { streamUrl } of own) {
        const { response } = attackers.use(await openEventStream(streamUrl));
        expect(response.status).toBe(200);
      }
    },
  },
  {
    what: 'M1: operations of a reservation without a stream',
    async play({ gateway, attackers }) {
      const reservation = await openReservation(gateway.url);
      let refused = 0;
      for (let n = 0; n < 50; n += 1) {
        await reservation.operate(`${n}`, follow).catch(() => (refused += 1));
      }
      expect(refused).toBe(30);
      expect(gateway.stats().activeSubscribers).toBe(1 + 20);
      attackers.use(await openEventStream(reservation.streamUrl));
    },
  },
  {
    // Those that had their turns together were all admitted before one of them counted.
    what: 'H6: statistics asked for at once on one stream',
    async play(scene) {
      const { gateway, attackers } = scene;
      const reservation = await openReservation(gateway.url);
      const stream = attackers.use(await openEventStream(reservation.streamUrl));
      await fillTurns(scene);
      const query = 'subscription { brokerStats(intervalMs: 3600000) { version } }';
      await Promise.all(
        Array.from({ length: 20 }, (_, n) => reservation.operate(`${n}`, { query })),
      );
      await until('16 are refused', () => refusalsOf(gateway).SUBSCRIPTIONS === 16);
      const ids = await stream.take(4 + 2 * 16);
      expect(ids.filter(({ data }) => data.includes('"version"'))).toHaveLength(4);
    },
  },
  {
    what: 'M2: messages in many parts',
    async play({ gateway, attackers }) {
      const client = attackers.use(await openRawProtocol(gateway.url));
      await client.socket.write(
        Buffer.concat([part(Opcode.text, 1), ...Array.from({ length: 100 }, () => part(0, 1))]),
      );
      await client.socket.closed;
      expect(refusalsOf(gateway)).toEqual({ REQUEST_SIZE: 1 });
    },
  },
  {
    what: 'M2: messages to the plain stream',
    async play(scene) {
      const socket = await connect(scene);
      await socket.write(upgradeRequest('/api/v1/stream?device_ids=a'));
      expect(await socket.head()).toMatch(/^HTTP\/1\.1 101 /);
      await socket.write(clientFrame(Opcode.text, ' '.repeat(2_000)));
      await socket.closed;
      expect(refusalsOf(scene.gateway)).toEqual({ REQUEST_SIZE: 1 });
    },
  },
  {
    // A ping between the parts was taken for the end of the message.
    what: 'M2: half a message for longer than it may take, with pings in between',
    options: { keepAliveMs: 100, requestTimeoutMs: 300 },
    async play({ gateway, attackers }) {
      const { socket } = attackers.use(await openRawProtocol(gateway.url));
      await socket.write(part(Opcode.text, 1_000));
      let closed = false;
      void socket.closed.then(() => (closed = true));
      await until('it is ended', async () => {
        await socket.write(
          Buffer.concat([clientFrame(Opcode.ping, 'x'), clientFrame(Opcode.pong, '')]),
        );
        return closed;
      });
      expect(refusalsOf(gateway)).toEqual({ REQUEST_TIMEOUT: 1 });
    },
  },
  {
    what: 'M2: half messages that are more than there is memory for, with pings in between',
    async play({ gateway, attackers }) {
      for (let n = 0; n < 10; n += 1) {
        const { socket, said } = attackers.use(await openRawProtocol(gateway.url));
        void said;
        await socket.write(
          Buffer.concat([part(Opcode.text, 300_000), clientFrame(Opcode.ping, '')]),
        );
      }
      // Three of them have room.
      await gateway.until(({ connections }) => connections <= 1 + 3);
      expect(refusalsOf(gateway).INCOMING_BYTES).toBeGreaterThanOrEqual(7);
    },
  },
  {
    what: 'C1: a WebSocket whose client reads no answer',
    async play({ gateway, attackers }) {
      const client = attackers.use(await openRawProtocol(gateway.url));
      client.socket.pause();
      for (let n = 0; n < 40; n += 1) {
        await client.say({ id: `${n}`, type: 'subscribe', payload: { query: largeQuery } });
      }
      // The kernel takes a few of them, and one waits here.
      await gateway.until(() => (refusalsOf(gateway).ANSWERS_IN_FLIGHT ?? 0) >= 25);
    },
  },
  {
    what: 'C1: a stream of many operations whose client reads no answer',
    async play(scene) {
      const { gateway } = scene;
      const reservation = await openReservation(gateway.url);
      const stream = await connect(scene);
      const { pathname, search } = new URL(reservation.streamUrl);
      await stream.write(
        `GET ${pathname}${search} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`,
      );
      expect(await stream.head()).toMatch(/^HTTP\/1\.1 200 /);
      stream.pause();
      for (let n = 0; n < 40; n += 1) {
        await reservation.operate(`${n}`, { query: largeQuery }).catch(() => undefined);
      }
      await gateway.until(({ connections }) => connections === 1);
      expect(refusalsOf(gateway).ANSWERS_IN_FLIGHT).toBeGreaterThan(0);
    },
  },
  {
    what: 'clients that go before they have said anything',
    async play(scene) {
      for (const text of ['', 'GET', upgradeRequest('/graphql').slice(0, -2)]) {
        for (let n = 0; n < 50; n += 1) {
          const socket = await connect(scene);
          if (text !== '') await socket.write(text);
          socket.vanish();
        }
      }
      expect(refusalsOf(scene.gateway)).toEqual({});
    },
  },
];

describe('a gateway withstands connections:', () => {
  withstands(sockets);
});
