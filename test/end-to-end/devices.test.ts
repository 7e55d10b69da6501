import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { connectDevice } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { connectProtocol } from '../support/graphql-transport-ws.ts';
import { until } from '../support/until.ts';

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; extensions?: { code?: string } }[];
}

async function ask(gateway: TestGateway, query: string): Promise<Answer> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answer;
}

async function heard(gateway: TestGateway, count: number): Promise<void> {
  await until(
    `${count} messages were processed`,
    () => gateway.stats().totalMessagesProcessed === count,
  );
}

describe('a device', () => {
  it('is null while it was never heard', async () => {
    await using gateway = await startTestGateway();
    expect(await ask(gateway, '{ device(id: "a") { id } }')).toEqual({ data: { device: null } });
  });

  it('has its last message and those that are kept, digit for digit', async () => {
    await using gateway = await startTestGateway({ historySize: 3 });
    await using device = await connectDevice(gateway.mqttUrl);
    for (const payload of ['1', '2.0', '{"n":12345678901234567890}', '4']) {
      await device.publish('devices/a/messages', payload);
    }
    await heard(gateway, 4);
    const response = await fetch(
      `${gateway.url}/graphql?query=${encodeURIComponent(
        '{ device(id: "a") { id lastMessage { payload gap { missed } } messages(last: 2) { payload } all: messages { payload } none: messages(last: 0) { payload } } }',
      )}`,
    );
    expect(await response.text()).toBe(
      '{"data":{"device":{"id":"a","lastMessage":{"payload":4,"gap":null},"messages":[{"payload":{"n":12345678901234567890}},{"payload":4}],"all":[{"payload":2.0},{"payload":{"n":12345678901234567890}},{"payload":4}],"none":[]}}}',
    );
  });

  it('is to be asked for by each of its messages, as it is now', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    for (const payload of ['1', '2']) await device.publish('devices/a/messages', payload);
    await heard(gateway, 2);
    const { data } = await ask(
      gateway,
      `{ device(id: "a") {
        lastSeenAt
        lastMessage { device { online lastMessage { payload device { id } } } }
        messages { payload device { lastSeenAt lastMessage { payload gap { missed } } messages { payload } } }
      } }`,
    );
    const { lastSeenAt } = data!['device'] as { lastSeenAt: string };
    const now = {
      lastSeenAt,
      lastMessage: { payload: 2, gap: null },
      messages: [{ payload: 1 }, { payload: 2 }],
    };
    expect(data).toEqual({
      device: {
        lastSeenAt: expect.any(String) as string,
        lastMessage: {
          device: { online: null, lastMessage: { payload: 2, device: { id: 'a' } } },
        },
        messages: [
          { payload: 1, device: now },
          { payload: 2, device: now },
        ],
      },
    });
  });

  it('comes with each message of a subscription, as of that message', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    for (const payload of ['1.0', '2']) await device.publish('devices/a/messages', payload);
    await heard(gateway, 2);
    await using client = await connectProtocol(gateway.webSocketUrl);
    await client.init();
    client.subscribe(
      '1',
      `subscription { deviceMessages(deviceIds: ["a"], replay: 2) {
        receivedAt device { __typename id lastSeenAt lastMessage { payload } }
      } }`,
    );
    for (const payload of [1, 2]) {
      const { payload: result } = (await client.next()) as {
        payload: { data: { deviceMessages: { receivedAt: string } } };
      };
      const { receivedAt } = result.data.deviceMessages;
      expect(result.data.deviceMessages).toEqual({
        receivedAt,
        device: { __typename: 'Device', id: 'a', lastSeenAt: receivedAt, lastMessage: { payload } },
      });
    }
    client.subscribe(
      '2',
      'subscription { deviceMessages(deviceIds: ["a"]) { device { id online } } }',
    );
    expect(await client.next()).toMatchObject({
      id: '2',
      type: 'error',
      payload: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });

  it('has a payload that is null when the device sent null, without an error', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = await connectProtocol(gateway.webSocketUrl);
    await client.init();
    client.subscribe('1', 'subscription { deviceMessages(deviceIds: ["a"]) { payload } }');
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
    await device.publish('devices/a/messages', 'null');
    expect(await client.next()).toEqual({
      id: '1',
      type: 'next',
      payload: { data: { deviceMessages: { payload: null } } },
    });
    expect(
      await ask(gateway, '{ device(id: "a") { lastMessage { payload } messages { payload } } }'),
    ).toEqual({
      data: { device: { lastMessage: { payload: null }, messages: [{ payload: null }] } },
    });
  });

  it('loses no more of an answer than the field with the wrong argument', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await device.publish('devices/a/messages', '1');
    await heard(gateway, 1);
    const { data, errors } = await ask(
      gateway,
      `{
        brokerStats { devicesKnown }
        devices(first: 2000) { totalCount }
        currentPositions(deviceIds: []) { deviceId }
        device(id: "a") { id messages(last: -1) { payload } }
      }`,
    );
    expect(data).toEqual({
      brokerStats: { devicesKnown: 1 },
      devices: null,
      currentPositions: null,
      device: { id: 'a', messages: null },
    });
    expect(errors).toHaveLength(3);
  });

  it('gives what is behind a position', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    for (const payload of ['1', '2', '3']) await device.publish('devices/a/messages', payload);
    await heard(gateway, 3);
    const { data } = await ask(gateway, '{ device(id: "a") { messages(last: 3) { position } } }');
    const { messages } = data!['device'] as { messages: { position: string }[] };
    const after = (position: string, last = 100): Promise<Answer> =>
      ask(
        gateway,
        `{ device(id: "a") { messages(last: ${last}, after: "${position}") { payload } } }`,
      );
    expect(await after(messages[0]!.position)).toEqual({
      data: { device: { messages: [{ payload: 2 }, { payload: 3 }] } },
    });
    expect(await after(messages[0]!.position, 1)).toEqual({
      data: { device: { messages: [{ payload: 3 }] } },
    });
    expect(await after('another-7')).toMatchObject({
      data: { device: { messages: [{ payload: 1 }, {}, {}] } },
    });
    expect((await after('nonsense')).errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    expect((await after('another-7', 10_001)).errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });

  it('is told over WebSocket with its payloads as they came, however deep', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const deep = `${'['.repeat(50_000)}1.0${']'.repeat(50_000)}`;
    await device.publish('devices/a/messages', deep);
    await heard(gateway, 1);
    await using client = await connectProtocol(gateway.webSocketUrl);
    await client.init();
    const answered = once(client.webSocket, 'message') as Promise<[Buffer]>;
    client.subscribe('1', { query: '{ device(id: "a") { lastMessage { payload } } }' });
    const [text] = await answered;
    expect(text.toString()).toBe(
      `{"id":"1","type":"next","payload":{"data":{"device":{"lastMessage":{"payload":${deep}}}}}}`,
    );
    const [, complete] = await client.take(2);
    expect(complete).toEqual({ id: '1', type: 'complete' });
  });

  it('does not answer with more messages than one answer holds', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const payload = JSON.stringify('x'.repeat(200_000));
    for (let i = 0; i < 100; i += 1) await device.publish('devices/a/messages', payload);
    await heard(gateway, 100);
    const { data, errors } = await ask(gateway, '{ device(id: "a") { messages { payload } } }');
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['LIMIT_EXCEEDED']);
    expect(data).toBeNull();
  });
});

interface Page {
  readonly totalCount: number;
  readonly nodes: readonly { id: string }[];
  readonly edges: readonly { cursor: string; node: { id: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** Rejects with what the gateway says against it. */
async function pageOf(gateway: TestGateway, args: string): Promise<Page> {
  const { data, errors } = await ask(
    gateway,
    `{ devices(${args}) { totalCount nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
  );
  if (errors !== undefined) throw new Error(errors[0]!.message);
  return data!['devices'] as Page;
}

describe('the devices', () => {
  it('are pages in the order in which they were first heard', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    for (const id of ['d', 'b', 'a', 'c', 'b']) await device.publish(`devices/${id}/messages`, '1');
    await heard(gateway, 5);
    const page = (args: string): Promise<Page> => pageOf(gateway, args);
    const first = await page('first: 3');
    expect(first.nodes.map(({ id }) => id)).toEqual(['d', 'b', 'a']);
    expect(first).toMatchObject({
      totalCount: 4,
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: first.edges[0]!.cursor },
    });
    const second = await page(`first: 3, after: "${first.pageInfo.endCursor}"`);
    expect(second.edges.map(({ node }) => node.id)).toEqual(['c']);
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const beyond = await page(`first: 3, after: "${second.pageInfo.endCursor}"`);
    expect(beyond).toMatchObject({ nodes: [], pageInfo: { startCursor: null, endCursor: null } });
    await expect(page('first: 1001')).rejects.toThrow(/first must be/);
    await expect(page('first: -1')).rejects.toThrow(/first must be/);
    await expect(page('after: "nonsense"')).rejects.toThrow(/not a valid cursor/);
    await expect(page('after: "another-3"')).rejects.toThrow(/start again/);
  });

  it('make room for new ones, except those that are watched, and the pages go on', async () => {
    await using gateway = await startTestGateway({ maxDevices: 4, deviceTtlMs: 1 });
    await using device = await connectDevice(gateway.mqttUrl);
    const publish = (id: string): Promise<void> => device.publish(`devices/${id}/messages`, '1');
    const watched = gateway.subscribe({ deviceIds: ['b'] });
    for (const id of ['a', 'b', 'c', 'd']) await publish(id);
    await heard(gateway, 4);
    const [first, second] = (await pageOf(gateway, 'first: 2')).edges;
    for (const id of ['e', 'f']) {
      // A device that was heard in this very millisecond makes no room yet.
      await until(`${id} is known`, async () => {
        await publish(id);
        const { data } = await ask(gateway, `{ device(id: "${id}") { id } }`);
        return data!['device'] !== null;
      });
    }
    expect(gateway.stats()).toMatchObject({ devicesKnown: 4, devicesForgotten: 2 });
    const all = await pageOf(gateway, 'first: 4');
    expect(all.nodes.map(({ id }) => id)).toEqual(['b', 'd', 'e', 'f']);
    expect(all).toMatchObject({
      totalCount: 4,
      pageInfo: { hasNextPage: false, hasPreviousPage: false },
    });
    // Behind the cursor of a, which is forgotten, comes b; behind that of b comes d.
    const behindFirst = await pageOf(gateway, `first: 3, after: "${first!.cursor}"`);
    expect(behindFirst.nodes.map(({ id }) => id)).toEqual(['b', 'd', 'e']);
    expect(behindFirst.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const behindSecond = await pageOf(gateway, `first: 3, after: "${second!.cursor}"`);
    expect(behindSecond.nodes.map(({ id }) => id)).toEqual(['d', 'e', 'f']);
    expect(behindSecond.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    await watched.return();
  });
});

describe('whether a device is online', () => {
  const online = async (gateway: TestGateway, id: string): Promise<unknown> =>
    (await ask(gateway, `{ device(id: "${id}") { online lastSeenAt } }`)).data!['device'];

  it('is not said without a rule', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await device.publish('devices/a/messages', '1');
    await heard(gateway, 1);
    expect(await online(gateway, 'a')).toMatchObject({ online: null });
  });

  it('is what its last will and its birth message say, which are no messages of it', async () => {
    await using gateway = await startTestGateway({
      topics: ['devices/{deviceId}/#'],
      availabilityTopic: 'devices/{deviceId}/status',
      availabilityOnline: 'up',
      availabilityOffline: 'down',
    });
    await using device = await connectDevice(gateway.mqttUrl);
    await device.publish('devices/a/status', 'up');
    await device.publish('devices/b/status', 'down\n');
    await device.publish('devices/c/status', 'sideways');
    await device.publish('devices/d/messages', '1');
    await heard(gateway, 1);
    expect(await online(gateway, 'a')).toEqual({ online: true, lastSeenAt: null });
    expect(await online(gateway, 'b')).toEqual({ online: false, lastSeenAt: null });
    expect(await online(gateway, 'c')).toBe(null);
    expect(await online(gateway, 'd')).toMatchObject({ online: null });
    const rejected = gateway
      .stats()
      .messagesRejectedByReason.find(({ reason }) => reason === 'UNKNOWN_AVAILABILITY');
    expect(rejected?.count).toBe(1);
    await device.publish('devices/a/status', 'down');
    await device.publish('devices/b/messages', '1');
    await heard(gateway, 2);
    expect(await online(gateway, 'a')).toMatchObject({ online: false });
    expect(await online(gateway, 'b')).toMatchObject({ online: true });
  });

  it('is what its silence says', async () => {
    await using gateway = await startTestGateway({ silenceTimeoutMs: 1 });
    await using device = await connectDevice(gateway.mqttUrl);
    await device.publish('devices/a/messages', '1');
    await heard(gateway, 1);
    await until(
      'the device counts as offline',
      async () => !((await online(gateway, 'a')) as { online: boolean }).online,
    );
  });
});
