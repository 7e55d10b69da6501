import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { keepComplaints } from '../support/complaints.ts';
import { connectDevice, type Device } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import {
  connectProtocol,
  openProtocol,
  type ProtocolMessage,
} from '../support/graphql-transport-ws.ts';
import { Inbox } from '../support/inbox.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { operationFor, say, subscribeRaw } from '../support/raw-subscriber.ts';
import { until } from '../support/until.ts';
import { FrameReader, Opcode, upgradeRequest, type Frame } from '../support/websocket-frames.ts';

const messages = `subscription ($ids: [ID!]!, $maxQueued: Int) {
  deviceMessages(deviceIds: $ids, maxQueued: $maxQueued) { deviceId payload }
}`;

function follow(...ids: string[]): { query: string; variables: Record<string, unknown> } {
  return { query: messages, variables: { ids } };
}

function next(id: string, deviceId: string, payload: unknown): ProtocolMessage {
  return { id, type: 'next', payload: { data: { deviceMessages: { deviceId, payload } } } };
}

async function publish(device: Device, deviceId: string, ...payloads: unknown[]): Promise<void> {
  await device.publishAll(
    payloads.map((payload) => ({
      topic: `devices/${deviceId}/messages`,
      payload: JSON.stringify(payload),
    })),
  );
}

async function subscribers(gateway: TestGateway, count: number): Promise<void> {
  await until(
    `${count} subscriptions are open`,
    () => gateway.stats().activeSubscribers === count,
    () => gateway.stats(),
  );
}

describe('the rules of graphql-transport-ws', () => {
  it.each<[string, ProtocolMessage | string | Buffer | object]>([
    ['what is not JSON', 'hello'],
    ['an empty message', ''],
    ['JSON that is no object', '42'],
    ['null', 'null'],
    ['a batch', '[{"type":"ping"}]'],
    ['an object without a type', {}],
    ['a type that is no text', { type: 7 }],
    ['an unknown type', { type: 'start', id: '1' }],
    ['a type in capitals', { type: 'Ping' }],
    ['the name of a member of every object', { type: 'constructor' }],
    ['a next, which is ours to say', { type: 'next', id: '1', payload: {} }],
    ['an error, which is ours to say', { type: 'error', id: '1', payload: [{ message: 'm' }] }],
    ['a connection_ack, which is ours to say', { type: 'connection_ack' }],
    ['a ping whose payload is a list', { type: 'ping', payload: [] }],
    ['a pong whose payload is a text', { type: 'pong', payload: 'text' }],
    ['a connection_init whose payload is a text', { type: 'connection_init', payload: 'text' }],
    ['a subscribe without an id', { type: 'subscribe', payload: { query: '{a}' } }],
    ['a subscribe with an empty id', { type: 'subscribe', id: '', payload: { query: '{a}' } }],
    ['a subscribe with a number as id', { type: 'subscribe', id: 1, payload: { query: '{a}' } }],
    ['a subscribe with null as id', { type: 'subscribe', id: null, payload: { query: '{a}' } }],
    ['a subscribe with a list as id', { type: 'subscribe', id: ['1'], payload: { query: '{a}' } }],
    ['a subscribe without a payload', { type: 'subscribe', id: '1' }],
    ['a subscribe without a query', { type: 'subscribe', id: '1', payload: {} }],
    ['a query that is no text', { type: 'subscribe', id: '1', payload: { query: {} } }],
    [
      'variables that are no object',
      { type: 'subscribe', id: '1', payload: { query: '{a}', variables: 3 } },
    ],
    [
      'variables that are a list',
      { type: 'subscribe', id: '1', payload: { query: '{a}', variables: [] } },
    ],
    [
      'an operationName that is no text',
      { type: 'subscribe', id: '1', payload: { query: '{a}', operationName: 3 } },
    ],
    [
      'extensions that are no object',
      { type: 'subscribe', id: '1', payload: { query: '{a}', extensions: 'text' } },
    ],
    ['a complete without an id', { type: 'complete' }],
    ['a complete with a number as id', { type: 'complete', id: 1 }],
    ['a message within a string', JSON.stringify('{"type":"ping"}')],
    ['binary junk', Buffer.from([0, 255, 254, 1, 2, 3])],
    ['text that is nested very deeply', '['.repeat(100_000)],
    [
      'a ping with a payload that is nested very deeply',
      `{"type":"ping","payload":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_001)}`,
    ],
  ])('closes with 4400 on %s', async (_what, message) => {
    const { logger, complaints } = keepComplaints();
    await using gateway = await startTestGateway({ logger });
    await using client = await openProtocol(gateway.webSocketUrl);
    const raw = typeof message === 'string' || Buffer.isBuffer(message);
    client.send(raw ? message : JSON.stringify(message));
    expect(await client.closed).toMatchObject({
      code: 4400,
      reason: expect.stringMatching(/./) as string,
    });
    // What a client does wrong is no error of ours: anybody could fill the log with those.
    expect(complaints).toEqual([]);
  });

  it('closes with 4401 on a subscribe before the acknowledgement', async () => {
    await using gateway = await startTestGateway();
    await using client = await connectProtocol(gateway.webSocketUrl);
    client.subscribe('1', follow('a'));
    expect(await client.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
    expect(gateway.stats().activeSubscribers).toBe(0);
  });

  it('acknowledges a connection_init whatever it brings, and says nothing else', async () => {
    await using gateway = await startTestGateway();
    for (const payload of ['', ',"payload":null', ',"payload":{}', ',"payload":{"token":"t"}']) {
      await using client = await connectProtocol(gateway.webSocketUrl);
      client.send(`{"type":"connection_init"${payload}}`);
      expect(await client.next()).toEqual({ type: 'connection_ack' });
      expect(await client.rest()).toEqual([]);
    }
  });

  it('closes with 4406 without the subprotocol', async () => {
    await using gateway = await startTestGateway();
    await using client = await connectProtocol(gateway.webSocketUrl, { protocols: [] });
    expect(await client.closed).toMatchObject({ code: 4406 });
  });

  it('selects no other subprotocol', async () => {
    await using gateway = await startTestGateway();
    // A WebSocket client fails the connection itself when none of its protocols is selected.
    await expect(
      connectProtocol(gateway.webSocketUrl, { protocols: ['graphql-ws'] }),
    ).rejects.toThrow('Server sent no subprotocol');
    await until('the connection is gone', () => gateway.stats().connections === 0);
  });

  it('closes with 4406 on a client that goes on without it', async () => {
    await using gateway = await startTestGateway();
    await using socket = await RawSocket.connect(gateway.url);
    await socket.write(upgradeRequest('/graphql', 'graphql-ws'));
    expect(await socket.head()).not.toMatch(/sec-websocket-protocol/i);
    const frames = new Inbox<Frame>();
    const reader = new FrameReader((frame) => frames.push(frame));
    socket.readAll((chunk) => reader.write(chunk));
    const { opcode, content } = await frames.next();
    expect(opcode).toBe(Opcode.close);
    expect(content.readUInt16BE(0)).toBe(4406);
  });

  it('selects its subprotocol among several', async () => {
    await using gateway = await startTestGateway();
    await using client = await connectProtocol(gateway.webSocketUrl, {
      protocols: ['graphql-ws', 'graphql-transport-ws'],
    });
    expect(client.webSocket.protocol).toBe('graphql-transport-ws');
    await client.init();
  });

  it('closes with 4408 on a client that says nothing, or no connection_init', async () => {
    await using gateway = await startTestGateway();
    await using silent = await connectProtocol(gateway.webSocketUrl);
    await using pinging = await connectProtocol(gateway.webSocketUrl);
    await using ready = await openProtocol(gateway.webSocketUrl);
    pinging.send({ type: 'ping' });
    expect(await pinging.next()).toEqual({ type: 'pong' });
    for (const client of [silent, pinging]) {
      expect(await client.closed).toEqual({
        code: 4408,
        reason: 'Connection initialisation timeout',
      });
    }
    expect(await ready.rest()).toEqual([]);
  });

  it('closes with 4409 on a second operation with an id in use', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', follow('a'));
    client.subscribe('1', follow('b'));
    expect(await client.closed).toEqual({
      code: 4409,
      reason: 'Subscriber for 1 already exists',
    });
    await subscribers(gateway, 0);
    expect(gateway.stats().devicesBeingMonitored).toBe(0);
  });

  it.each(['x'.repeat(200), 'ß🚀'.repeat(50), '\ud800'.repeat(50)])(
    'closes with 4409 and as much of the reason as a close frame holds: %j',
    async (id) => {
      await using gateway = await startTestGateway();
      await using client = await openProtocol(gateway.webSocketUrl);
      client.subscribe(id, follow('a'));
      client.subscribe(id, follow('a'));
      const { code, reason } = await client.closed;
      expect(code).toBe(4409);
      const whole = Buffer.from(`Subscriber for ${id} already exists`).toString();
      expect(whole.startsWith(reason)).toBe(true);
      expect(Buffer.byteLength(reason)).toBeGreaterThan(119);
    },
  );

  it('closes with 4409 on the id of a query that is being answered', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', 'subscription { brokerStats(intervalMs: 3600000) { version } }');
    expect(await client.next()).toMatchObject({ id: '1', type: 'next' });
    client.subscribe('1', '{ brokerStats { version } }');
    expect(await client.closed).toMatchObject({ code: 4409 });
  });

  it('says nothing after it has closed the connection, whatever the client does', async () => {
    await using gateway = await startTestGateway({ drainMs: 50 });
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = await subscribeRaw('graphql-websocket', gateway.url, 'a');
    await subscribers(gateway, 1);
    await say(client.socket, { type: 'subscribe', id: '1', payload: operationFor('a') });
    expect(await client.told.next()).toBe('close 4409');
    // It does not close its side, and goes on as if nothing had happened.
    await say(client.socket, { type: 'subscribe', id: '2', payload: operationFor('a') });
    await say(client.socket, { type: 'ping' });
    await publish(device, 'a', 1);
    await gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === 1);
    expect(gateway.stats()).toMatchObject({ activeSubscribers: 0, messagesDelivered: 0 });
    await gateway.close();
    await client.socket.closed;
    expect(client.told.untaken).toEqual([]);
  });

  it('closes with 4429 on a second connection_init', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    client.send({ type: 'connection_init' });
    expect(await client.closed).toEqual({
      code: 4429,
      reason: 'Too many initialisation requests',
    });
  });

  it('answers a ping with its payload, before and after the acknowledgement', async () => {
    await using gateway = await startTestGateway();
    await using client = await connectProtocol(gateway.webSocketUrl);
    client.send({ type: 'ping', payload: { n: 1 } });
    expect(await client.next()).toEqual({ type: 'pong', payload: { n: 1 } });
    await client.init();
    client.send({ type: 'ping' });
    expect(await client.next()).toEqual({ type: 'pong' });
    client.send({ type: 'pong', payload: { unasked: true } });
    expect(await client.rest()).toEqual([]);
  });

  it('answers a ping with the very payload, and one without any with none', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    const payload = { big: 1e21, nested: [{ a: null }, 'größe'], ['__proto__']: 1, id: '1' };
    client.send({ type: 'ping', payload });
    expect(JSON.stringify(await client.next())).toBe(JSON.stringify({ type: 'pong', payload }));
    client.send('{"type":"ping","payload":null}');
    expect(await client.next()).toEqual({ type: 'pong' });
    client.send('{"type":"ping","payload":{},"unknown":"member"}');
    expect(await client.next()).toEqual({ type: 'pong', payload: {} });
  });

  it('takes a message in several frames', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    client.webSocket.send('{"type":', { fin: false });
    client.webSocket.send('"pi', { fin: false });
    client.webSocket.send('ng"}', { fin: true });
    expect(await client.next()).toEqual({ type: 'pong' });
  });

  it('takes an id again when the operation before it is complete or has failed', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    const told: string[] = [];
    for (const query of ['{ __typename }', '{ nothing }', '{ __typename }']) {
      client.subscribe('1', query);
      told.push(...(await client.rest()).map(({ type }) => type));
      // Both sides may say it: what comes late is ignored.
      client.complete('1');
    }
    expect(told).toEqual(['next', 'complete', 'error', 'next', 'complete']);
    expect(await client.rest()).toEqual([]);
  });

  it('takes the extensions of an operation, and null for what is optional', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    for (const more of [
      { extensions: { persistedQuery: { version: 1 } } },
      { operationName: null, variables: null, extensions: null },
    ]) {
      client.send({ id: '1', type: 'subscribe', payload: { query: '{ __typename }', ...more } });
      expect(await client.rest()).toEqual([
        { id: '1', type: 'next', payload: { data: { __typename: 'Query' } } },
        { id: '1', type: 'complete' },
      ]);
    }
  });

  it('takes a message in a binary frame', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    client.send(Buffer.from('{"type":"ping"}'));
    expect(await client.next()).toEqual({ type: 'pong' });
  });
});

describe('a deviceMessages subscription', () => {
  it('delivers the messages of its devices in their order and of no other device', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', follow('a', 'b', 'a'));
    await subscribers(gateway, 1);
    expect(gateway.stats().devicesBeingMonitored).toBe(2);
    await publish(device, 'c', 'not for us');
    await publish(device, 'a', { n: 1 });
    await publish(device, 'b', null);
    await publish(device, 'a', { n: 2 });
    expect(await client.take(3)).toEqual([
      next('1', 'a', { n: 1 }),
      next('1', 'b', null),
      next('1', 'a', { n: 2 }),
    ]);
    expect(await client.rest()).toEqual([]);
  });

  it('keeps the order within a burst', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', follow('a'));
    await subscribers(gateway, 1);
    const numbers = Array.from({ length: 5_000 }, (_, n) => n);
    await publish(device, 'a', ...numbers);
    expect(await client.take(5_000)).toEqual(numbers.map((n) => next('1', 'a', n)));
    expect(gateway.stats().messagesDropped).toBe(0);
  });

  it('shares a connection with others, each of which gets only its own', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('of a', follow('a'));
    client.subscribe('of b', follow('b'));
    client.subscribe(
      'of a, differently',
      'subscription { deviceMessages(deviceIds: ["a"]) { topic } }',
    );
    await subscribers(gateway, 3);
    await publish(device, 'b', 1);
    await publish(device, 'a', 2);
    const arrived = await client.take(3);
    expect(arrived).toHaveLength(3);
    expect(arrived).toEqual(
      expect.arrayContaining([
        next('of b', 'b', 1),
        next('of a', 'a', 2),
        {
          id: 'of a, differently',
          type: 'next',
          payload: { data: { deviceMessages: { topic: 'devices/a/messages' } } },
        },
      ]),
    );
    expect(await client.rest()).toEqual([]);
  });

  it('keeps connections apart that differ in their devices alone', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using first = await openProtocol(gateway.webSocketUrl);
    await using second = await openProtocol(gateway.webSocketUrl);
    first.subscribe('1', follow('a'));
    second.subscribe('1', follow('b'));
    await subscribers(gateway, 2);
    await publish(device, 'a', 'for the first');
    await publish(device, 'b', 'for the second');
    expect(await first.next()).toEqual(next('1', 'a', 'for the first'));
    expect(await second.next()).toEqual(next('1', 'b', 'for the second'));
    expect(await first.rest()).toEqual([]);
    expect(await second.rest()).toEqual([]);
  });

  it('hands on the payload digit for digit', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', follow('a'));
    await subscribers(gateway, 1);
    const payload =
      '{"big":12345678901234567890.10,"e":1E+2,"text":"\\u00e4 \\"","nested":[ 1,\n2 ]}';
    const text = new Promise<string>((resolve) => {
      client.webSocket.once('message', (data: Buffer) => resolve(data.toString()));
    });
    await device.publish('devices/a/messages', payload);
    expect(await text).toContain(`"payload":${payload}`);
  });

  it('names fields as the client does, through fragments, aliases and directives', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', {
      query: `
        subscription Other { brokerStats { version } }
        subscription Live($with: Boolean!) {
          live: deviceMessages(deviceIds: "a") { ...Parts ... @include(if: $with) { topic } __typename }
        }
        fragment Parts on DeviceMessage { id: deviceId value: payload again: payload }`,
      operationName: 'Live',
      variables: { with: true },
    });
    await subscribers(gateway, 1);
    await publish(device, 'a', { n: 1 });
    expect(await client.next()).toEqual({
      id: '1',
      type: 'next',
      payload: {
        data: {
          live: {
            id: 'a',
            value: { n: 1 },
            again: { n: 1 },
            topic: 'devices/a/messages',
            __typename: 'DeviceMessage',
          },
        },
      },
    });
  });

  it('is free after complete, and its id can be used again', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', follow('a'));
    client.subscribe('witness', follow('a', 'b'));
    await subscribers(gateway, 2);
    client.complete('1');
    await subscribers(gateway, 1);
    await publish(device, 'a', 1);
    // Nothing, not even a `complete`, follows the client's own.
    expect(await client.next()).toEqual(next('witness', 'a', 1));
    client.subscribe('1', follow('b'));
    await subscribers(gateway, 2);
    await publish(device, 'a', 2);
    await publish(device, 'b', 3);
    const arrived = await client.take(3);
    expect(arrived).toEqual(
      expect.arrayContaining([next('witness', 'a', 2), next('witness', 'b', 3), next('1', 'b', 3)]),
    );
    expect(await client.rest()).toEqual([]);
  });

  it('takes an id again that is completed and used again in one breath', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', follow('a'));
    await subscribers(gateway, 1);
    inOneWrite(client.webSocket, () => {
      client.complete('1');
      client.subscribe('1', follow('b'));
      client.complete('1');
      client.subscribe('1', follow('c'));
    });
    expect(await client.rest()).toEqual([]);
    expect(gateway.stats()).toMatchObject({ activeSubscribers: 1, devicesBeingMonitored: 1 });
    await publish(device, 'a', 1);
    await publish(device, 'b', 2);
    await publish(device, 'c', 3);
    expect(await client.next()).toEqual(next('1', 'c', 3));
    client.complete('1');
    await subscribers(gateway, 0);
  });

  it('leaves nothing behind when it is completed before it was opened', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    inOneWrite(client.webSocket, () => {
      client.subscribe('1', follow('a'));
      client.complete('1');
    });
    expect(await client.rest()).toEqual([]);
    expect(gateway.stats().activeSubscribers).toBe(0);
  });

  it('is free when the connection closes', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', follow('a'));
    client.subscribe('2', follow('a'));
    await subscribers(gateway, 2);
    client.webSocket.close(1000);
    await client.closed;
    await subscribers(gateway, 0);
    await until('the connection is gone', () => gateway.stats().connections === 0);
    expect(gateway.stats().devicesBeingMonitored).toBe(0);
  });

  it('ignores a complete for an id that it does not know', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    client.complete('unknown');
    client.complete('__proto__');
    expect(await client.rest()).toEqual([]);
  });

  it.each([
    '"quoted" \\ id',
    'größe 🚀',
    '__proto__',
    'constructor',
    ' ',
    '\u2028\n\t',
    'x'.repeat(1_024),
  ])('takes the id %j', async (id) => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe(id, follow('a'));
    await subscribers(gateway, 1);
    await publish(device, 'a', 1);
    expect(await client.next()).toEqual(next(id, 'a', 1));
    client.complete(id);
    await subscribers(gateway, 0);
    client.subscribe(id, follow());
    expect(await client.next()).toMatchObject({ id, type: 'error' });
  });

  it.each(['größe 🚀', '__proto__', 'a"b\\c'])('follows the device %j', async (deviceId) => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', follow(deviceId));
    await subscribers(gateway, 1);
    await publish(device, deviceId, { n: 1 });
    expect(await client.next()).toEqual(next('1', deviceId, { n: 1 }));
  });
});

describe('an operation that is refused', () => {
  it.each<[string, Record<string, unknown>]>([
    ['without a device', { ids: [] }],
    ['with more devices than one may name', { ids: ['a', 'b', 'c', 'd'] }],
    ['with an empty device id', { ids: [''] }],
    ['with a device id that is too long', { ids: ['x'.repeat(257)] }],
    ['with a control character in a device id', { ids: ['a\nb'] }],
    ['with half a surrogate pair as a device id', { ids: ['\ud800'] }],
    ['with maxQueued of 0', { ids: ['a'], maxQueued: 0 }],
    ['with maxQueued below 0', { ids: ['a'], maxQueued: -1 }],
    ["with maxQueued beyond the gateway's", { ids: ['a'], maxQueued: 101 }],
  ])('is one BAD_USER_INPUT error %s', async (_what, variables) => {
    await using gateway = await startTestGateway({ maxDeviceIds: 3 });
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', { query: messages, variables });
    expect(await client.next()).toEqual({
      id: '1',
      type: 'error',
      payload: [
        expect.objectContaining({
          message: expect.any(String) as string,
          extensions: { code: 'BAD_USER_INPUT' },
        }),
      ],
    });
    expect(await client.rest()).toEqual([]);
    expect(gateway.stats().activeSubscribers).toBe(0);
    // The id is free, and the connection is as good as before.
    client.subscribe('1', follow('a'));
    await subscribers(gateway, 1);
  });

  it.each([
    ['a syntax error', 'subscription {'],
    ['no text', ' '],
    ['an unknown field', 'subscription { deviceMessages(deviceIds: ["a"]) { nothing } }'],
    ['two root fields', 'subscription { a: brokerStats { version } b: brokerStats { version } }'],
    ['a missing argument', 'subscription { deviceMessages { payload } }'],
    ['no operation', 'fragment F on Query { __typename }'],
    ['two operations and no name', 'query A { __typename } query B { __typename }'],
    ['an interval out of bounds', 'subscription { brokerStats(intervalMs: 1) { version } }'],
    ['too many fields', `{ brokerStats { ${'version '.repeat(600)} } }`],
  ])('is an error and nothing after it for %s', async (_what, query) => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', query);
    expect(await client.next()).toMatchObject({
      id: '1',
      type: 'error',
      payload: [{ message: expect.stringMatching(/./) as string }],
    });
    expect(await client.rest()).toEqual([]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['of a wrong type', { ids: 7, maxQueued: 'many' }],
    ['that are missing', {}],
    ['that are null', { ids: null }],
  ])('is an error and nothing after it for variables %s', async (_what, variables) => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', { query: messages, variables });
    expect(await client.next()).toMatchObject({ id: '1', type: 'error' });
    expect(await client.rest()).toEqual([]);
  });
});

describe('brokerStats', () => {
  it('is answered once, and completed', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe(
      '1',
      '{ brokerStats { ingestConnected connections messagesDroppedByReason { reason count } } }',
    );
    expect(await client.take(2)).toEqual([
      {
        id: '1',
        type: 'next',
        payload: {
          data: {
            brokerStats: {
              ingestConnected: true,
              connections: 1,
              messagesDroppedByReason: [
                { reason: 'QUEUE_OVERFLOW', count: 0 },
                { reason: 'SUBSCRIPTION_ENDED', count: 0 },
                { reason: 'HISTORY_EXPIRED', count: 0 },
              ],
            },
          },
        },
      },
      { id: '1', type: 'complete' },
    ]);
    expect(await client.rest()).toEqual([]);
  });

  it('is told again and again to who subscribes, who is no subscriber of a device', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', 'subscription { brokerStats(intervalMs: 100) { activeSubscribers } }');
    const stats = {
      id: '1',
      type: 'next',
      payload: { data: { brokerStats: { activeSubscribers: 0 } } },
    };
    expect(await client.take(3)).toEqual([stats, stats, stats]);
    client.complete('1');
    await client.rest();
    expect(await client.rest()).toEqual([]);
  });
});

describe('limits', () => {
  it('closes with 1009 on a message that is too large', async () => {
    await using gateway = await startTestGateway({ maxRequestBytes: 1_024 });
    await using client = await openProtocol(gateway.webSocketUrl);
    client.send({ type: 'ping', payload: { text: 'x'.repeat(900) } });
    expect(await client.next()).toMatchObject({ type: 'pong' });
    client.send('x'.repeat(1_025));
    expect(await client.closed).toMatchObject({ code: 1009 });
    await until('the connection is gone', () => gateway.stats().connections === 0);
  });

  it('refuses an id of more than 1,024 characters, which each message would begin with', async () => {
    await using gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    const id = 'x'.repeat(1_025);
    client.subscribe(id, follow('a'));
    expect(await client.rest()).toMatchObject([
      { id, type: 'error', payload: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    ]);
    expect(gateway.stats().activeSubscribers).toBe(0);
  });

  it('refuses the subscription beyond maxSubscriptionsPerConnection', async () => {
    await using gateway = await startTestGateway({ maxSubscriptionsPerConnection: 2 });
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', follow('a'));
    client.subscribe('2', follow('a'));
    client.subscribe('3', follow('a'));
    expect(await client.next()).toMatchObject({
      id: '3',
      type: 'error',
      payload: [{ extensions: { code: 'LIMIT_EXCEEDED' } }],
    });
    expect(await client.rest()).toEqual([]);
    client.complete('1');
    client.subscribe('4', follow('a'));
    expect(await client.rest()).toEqual([]);
    expect(gateway.stats().activeSubscribers).toBe(2);
  });

  it('counts brokerStats subscriptions among those of a connection', async () => {
    await using gateway = await startTestGateway({ maxSubscriptionsPerConnection: 2 });
    await using client = await openProtocol(gateway.webSocketUrl);
    const stats = 'subscription { brokerStats(intervalMs: 3600000) { version } }';
    for (const id of ['1', '2', '3']) client.subscribe(id, stats);
    const types = (await client.take(3)).map(({ id, type }) => `${id} ${type}`);
    expect(types.toSorted()).toEqual(['1 next', '2 next', '3 error']);
  });

  it('closes with 1013 the connection beyond maxConnections', async () => {
    await using gateway = await startTestGateway({ maxConnections: 1 });
    await using first = await openProtocol(gateway.webSocketUrl);
    await using second = await connectProtocol(gateway.webSocketUrl);
    expect(await second.closed).toEqual({ code: 1013, reason: 'Too many connections' });
    first.webSocket.close();
    await first.closed;
    await until('the connection is gone', () => gateway.stats().connections === 0);
    await using third = await openProtocol(gateway.webSocketUrl);
    expect(await third.rest()).toEqual([]);
  });
});

describe('a gateway that ends', () => {
  it('closes with 1001 and completes nothing', async () => {
    const gateway = await startTestGateway();
    await using client = await openProtocol(gateway.webSocketUrl);
    client.subscribe('1', follow('a'));
    await subscribers(gateway, 1);
    const nothing = expect(client.next()).rejects.toThrow('the connection is closed: 1001');
    await gateway.close();
    await nothing;
  });
});

/** What is sent meanwhile arrives at the gateway as one chunk. */
function inOneWrite(webSocket: object, send: () => void): void {
  const { _socket: socket } = webSocket as { _socket: Socket };
  socket.cork();
  send();
  socket.uncork();
}
