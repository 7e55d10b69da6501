import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connectDevice } from '../support/device.ts';
import { openEventStream } from '../support/event-stream.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { memoryInUse } from '../support/memory.ts';
import { openProtocol } from '../support/graphql-transport-ws.ts';
import { until } from '../support/until.ts';

const handshake =
  'GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
  'Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n';
const follow = 'subscription { deviceMessages(deviceIds: ["a"]) { deviceId payload } }';

interface Connection extends AsyncDisposable {
  readonly socket: Socket;
  /** Resolves when it is closed, however rudely. */
  readonly closed: Promise<void>;
}

async function connectTo(gateway: TestGateway): Promise<Connection> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  // The gateway may well cut what it does not like.
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  return {
    socket,
    closed,
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await closed;
    },
  };
}

/** Everything that comes until the gateway closes. */
async function answerOf({ socket, closed }: Connection): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  await closed;
  return text;
}

async function connectWebSocket(gateway: TestGateway): Promise<Connection> {
  const connection = await connectTo(gateway);
  const { socket } = connection;
  socket.write(handshake);
  await once(socket, 'readable');
  const answer = String(socket.read());
  if (!answer.startsWith('HTTP/1.1 101')) throw new Error(answer);
  return connection;
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('drain', () => resolve());
  });
}

/** A frame as a client sends it, masked with zeros. */
function frame(firstByte: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header =
    length < 126
      ? Buffer.from([firstByte, 0x80 | length])
      : Buffer.from([firstByte, 0x80 | 126, length >> 8, length & 0xff]);
  return Buffer.concat([header, Buffer.alloc(4), payload]);
}

/** It serves, and nothing is left of what was done to it. */
async function expectUnhurt(gateway: TestGateway): Promise<void> {
  await until(
    'nothing is left',
    () => {
      const { activeSubscribers, devicesBeingMonitored, connections, messagesQueued } =
        gateway.stats();
      return activeSubscribers + devicesBeingMonitored + connections + messagesQueued === 0;
    },
    () => gateway.stats(),
  );
  await using device = await connectDevice(gateway.mqttUrl);
  await using client = await openProtocol(gateway.webSocketUrl);
  client.subscribe('1', follow);
  await until('it takes a subscription', () => gateway.stats().activeSubscribers === 1);
  await device.publish('devices/a/messages', '"well"');
  expect(await client.next()).toEqual({
    id: '1',
    type: 'next',
    payload: { data: { deviceMessages: { deviceId: 'a', payload: 'well' } } },
  });
}

describe('bytes that are no HTTP', () => {
  it.each([
    ['random ones', randomBytes(100_000)],
    ['zeros', Buffer.alloc(10_000)],
    ['a TLS hello', Buffer.from('160301020001000101fc0303', 'hex')],
    ['an MQTT CONNECT', Buffer.from('101000044d5154540402003c000474657374', 'hex')],
    ['HTTP/2', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
    ['a line without an end', Buffer.alloc(100_000, 'GET /')],
    [
      'a wrong length',
      Buffer.from('POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n'),
    ],
  ])('close the connection: %s', async (_what, bytes) => {
    await using gateway = await startTestGateway();
    await using connection = await connectTo(gateway);
    const answer = answerOf(connection);
    connection.socket.write(bytes);
    // The gateway may have cut the connection before it could answer.
    expect(await answer).toMatch(/^(HTTP\/1\.1 400 |HTTP\/1\.1 431 |$)/);
    await expectUnhurt(gateway);
  });

  it('refuses headers of 100 KB with 431', async () => {
    await using gateway = await startTestGateway();
    await using connection = await connectTo(gateway);
    const answer = answerOf(connection);
    connection.socket.write(
      `GET /graphql HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`,
    );
    expect(await answer).toMatch(/^(HTTP\/1\.1 431 |$)/);
    await expectUnhurt(gateway);
  });
});

describe('a request that is strange', () => {
  it.each([
    ['half a head', 'GET /graphql HTTP/1.1\r\nHo'],
    [
      'half a body',
      'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"query":',
    ],
    [
      'half a body for a stream',
      'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: 100\r\n\r\n{"query":',
    ],
    ['half a handshake', handshake.slice(0, -2)],
  ])('is forgotten when its client goes: %s', async (_what, text) => {
    await using gateway = await startTestGateway();
    await using connection = await connectTo(gateway);
    await new Promise((resolve) => connection.socket.write(text, resolve));
    await expectUnhurt(gateway);
    connection.socket.resetAndDestroy();
    await expectUnhurt(gateway);
  });

  it.each(['a b', '[::', 'x:99999', '%', 'x/y', 'x?y', 'x#y', 'u@x', 'x\\\\y'])(
    'is answered with 400 when its Host header is %j',
    async (host) => {
      await using gateway = await startTestGateway();
      for (const accept of ['application/json', 'application/json, text/event-stream']) {
        await using connection = await connectTo(gateway);
        const answer = answerOf(connection);
        connection.socket.write(
          `GET /graphql?query={__typename} HTTP/1.1\r\nHost: ${host}\r\nAccept: ${accept}\r\nConnection: close\r\n\r\n`,
        );
        expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
      }
      await expectUnhurt(gateway);
    },
  );

  it('has a stream of statistics that waits for its client, however large they are', async () => {
    await using gateway = await startTestGateway();
    // Every reason under sixteen names of 250 characters: some 60 KB ten times a second, for each of forty.
    const fourTimes = (field: string, length: number): string =>
      Array.from({ length: 4 }, (_, n) => `${'a'.repeat(length)}${n}: ${field}`).join(' ');
    const reasons = `requestsRefusedByReason { ${fourTimes('reason', 250)} }`;
    const body = JSON.stringify({
      query: `subscription { brokerStats(intervalMs: 100) { ${fourTimes(reasons, 1)} } }`,
    });
    const head =
      'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
      `Accept: text/event-stream\r\nContent-Length: ${body.length}\r\n\r\n`;
    await using stack = new AsyncDisposableStack();
    for (let n = 0; n < 40; n += 1) {
      const { socket } = stack.use(await connectTo(gateway));
      socket.pause();
      socket.write(head + body);
    }
    await until('the streams are open', () => gateway.stats().connections === 40);
    // Somebody who reads tells how the time goes.
    await using clock = await openEventStream(
      `${gateway.url}/graphql?query=subscription{brokerStats(intervalMs:100){version}}`,
    );
    await clock.take(10);
    const before = memoryInUse();
    await clock.take(30);
    expect(memoryInUse() - before).toBeLessThan(50);
  });

  it('has no more memory for asking for the largest page many times and reading none', async () => {
    await using gateway = await startTestGateway();
    const { hostname } = new URL(gateway.url);
    const request = `GET /graphql HTTP/1.1\r\nHost: ${hostname}\r\nAccept: text/html\r\n\r\n`;
    const headers = { accept: 'text/html', 'accept-encoding': 'identity' };
    const page = await fetch(`${gateway.url}/graphql`, { headers });
    const { byteLength } = await page.arrayBuffer();
    await using connection = await connectTo(gateway);
    const { socket } = connection;
    const before = process.memoryUsage().rss;
    socket.write(request.repeat(200));
    await once(socket, 'readable');
    await using client = await openProtocol(gateway.webSocketUrl);
    // As many turns as it would take to make each page whole.
    for (let n = 0; n < 200; n += 1) await client.rest();
    expect(process.memoryUsage().rss - before).toBeLessThan((200 * byteLength) / 4);
  });

  it('does not keep a gateway from ending', async () => {
    const gateway = await startTestGateway();
    await using connection = await connectTo(gateway);
    connection.socket.resume();
    await new Promise((resolve) =>
      connection.socket.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\n', resolve),
    );
    await gateway.close();
    await connection.closed;
  });

  it.each(['/', '/nothing', '/graphql/', '/api/v1/stream/stats', '//graphql', '/%E0%A4%A'])(
    'is answered with 404 when it wants a WebSocket at %s',
    async (path) => {
      await using gateway = await startTestGateway();
      await using connection = await connectTo(gateway);
      const answer = answerOf(connection);
      connection.socket.write(handshake.replace('/graphql', path));
      expect(await answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
      await expectUnhurt(gateway);
    },
  );

  it.each([
    ['the version', handshake.replace('Version: 13', 'Version: 99')],
    ['the key', handshake.replace('dGhlIHNhbXBsZSBub25jZQ==', 'short')],
    ['the method', handshake.replace('GET', 'POST')],
    ['the protocols', handshake.replace('graphql-transport-ws', ',,,')],
  ])('is refused when its WebSocket handshake has a mistake in %s', async (_what, text) => {
    await using gateway = await startTestGateway();
    await using connection = await connectTo(gateway);
    const answer = answerOf(connection);
    connection.socket.write(text);
    expect(await answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    await expectUnhurt(gateway);
  });

  it.each([
    '?query=%E0%A4%A',
    '?query=%',
    '?%',
    '?query=%00',
    '?query={a}&variables=%ff',
    '?=&&=&?',
  ])('is answered as a mistake of the client with the query %s', async (query) => {
    await using gateway = await startTestGateway();
    for (const accept of ['text/event-stream', 'application/graphql-response+json']) {
      const response = await fetch(`${gateway.url}/graphql${query}`, { headers: { accept } });
      expect(response.status).toBeLessThan(500);
      expect(await response.text()).toContain('"errors":[{"message":');
    }
    await expectUnhurt(gateway);
  });

  it('follows a device whose percent-encoding is malformed, as any other', async () => {
    await using gateway = await startTestGateway();
    await using events = await openEventStream(
      `${gateway.url}/api/v1/stream?device_ids=%E0%A4%A,%`,
    );
    expect(events.response.status).toBe(200);
    expect(gateway.stats().devicesBeingMonitored).toBe(2);
  });
});

describe('a WebSocket client', () => {
  const badFrames: [string, Buffer][] = [
    ['a reserved opcode', frame(0x83, Buffer.from('x'))],
    ['reserved bits', frame(0xf1, Buffer.from('x'))],
    ['no mask', Buffer.from([0x81, 1, 0x78])],
    ['text that is no UTF-8', frame(0x81, Buffer.from([0xff, 0xfe]))],
    ['a continuation of nothing', frame(0x80, Buffer.from('x'))],
    ['a ping in two parts', frame(0x09, Buffer.from('x'))],
    ['a ping that is too long', frame(0x89, Buffer.alloc(200))],
    ['a close with a forbidden code', frame(0x88, Buffer.from([0x03, 0xed]))],
    [
      'a length beyond every limit',
      Buffer.from([0x82, 0xff, 0x7f, ...Array<number>(11).fill(0xff)]),
    ],
    ['random bytes', randomBytes(10_000)],
  ];
  it.each(badFrames)('is closed when its frames break the protocol: %s', async (_what, bytes) => {
    await using gateway = await startTestGateway();
    await using connection = await connectWebSocket(gateway);
    connection.socket.resume();
    connection.socket.write(bytes);
    await connection.closed;
    await expectUnhurt(gateway);
  });

  it('is forgotten when it goes in the middle of a frame', async () => {
    await using gateway = await startTestGateway();
    await using connection = await connectWebSocket(gateway);
    await new Promise((resolve) =>
      connection.socket.write(frame(0x81, Buffer.alloc(90)).subarray(0, 50), resolve),
    );
    connection.socket.resetAndDestroy();
    await expectUnhurt(gateway);
  });

  it.each([
    ['pings', 100_000, frame(0x89, Buffer.alloc(125))],
    [
      'pings of graphql-transport-ws',
      100_000,
      frame(0x81, Buffer.from(`{"type":"ping","payload":{"text":"${'x'.repeat(200)}"}}`)),
    ],
  ])('is given up when it sends %s and never reads', async (_what, count, ping) => {
    await using gateway = await startTestGateway();
    await using connection = await connectWebSocket(gateway);
    const { socket, closed } = connection;
    socket.pause();
    const before = process.memoryUsage().rss;
    const block = Buffer.concat(Array<Buffer>(1_000).fill(ping));
    let sent = 0;
    // 100,000 of them, and further ones for as long as the kernel holds the answers back.
    while (sent < count || gateway.stats().connections > 0) {
      if (socket.destroyed) break;
      if (!socket.write(block)) await Promise.race([drained(socket), closed]);
      sent += 1_000;
    }
    await closed;
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    await expectUnhurt(gateway);
  });

  it('may subscribe and complete 10,000 times', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    for (let n = 0; n < 10_000; n += 1) {
      const id = String(n % 7);
      client.subscribe(id, follow.replace('"a"', `"device-${n}"`));
      client.complete(id);
    }
    expect(await client.rest()).toEqual([]);
    expect(gateway.stats()).toMatchObject({ activeSubscribers: 0, devicesBeingMonitored: 0 });
    client.webSocket.close();
    await client.closed;
    await expectUnhurt(gateway);
  });

  it('may hold a thousand subscriptions and go', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    for (let n = 0; n < 1_001; n += 1) client.subscribe(`${n}`, follow);
    const said = await client.rest();
    expect(said).toMatchObject([
      { type: 'error', payload: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] },
    ]);
    expect(gateway.stats()).toMatchObject({ activeSubscribers: 1_000, devicesBeingMonitored: 1 });
    client.webSocket.terminate();
    await expectUnhurt(gateway);
  });

  it('gets messages through a selection that is very deep', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = await openProtocol(gateway.webSocketUrl);
    const deep = `${'... { '.repeat(600)} deviceId payload ${'}'.repeat(600)}`;
    client.subscribe('1', follow.replace('deviceId payload', deep));
    await until('the subscription is open', () => gateway.stats().activeSubscribers === 1);
    await device.publishAll(
      Array.from({ length: 100 }, (_, n) => ({ topic: 'devices/a/messages', payload: `${n}` })),
    );
    const payloads = (await client.take(100)).map(
      ({ payload }) =>
        (payload as { data: { deviceMessages: { payload: number } } }).data.deviceMessages.payload,
    );
    expect(payloads).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });
});
