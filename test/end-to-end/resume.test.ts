import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectDevice, type Device } from '../support/device.ts';
import { openEventStream } from '../support/event-stream.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { until } from '../support/until.ts';

const devices = Array.from({ length: 50 }, (_, i) => `device-${i}`);
const cuts = 200;

interface Message {
  readonly deviceId: string;
  readonly payload: number;
  readonly position: string;
  readonly gap: { readonly missed: number | null; readonly reason: string } | null;
}

/** What a client has seen, over all its connections: of each device the payloads, which count from 1. */
class Account {
  readonly seen = new Map<string, number[]>();
  readonly positions = new Map<string, string>();
  readonly gaps: NonNullable<Message['gap']>[] = [];
  count = 0;

  add({ deviceId, payload, position, gap }: Message): void {
    this.count += 1;
    const payloads = this.seen.get(deviceId);
    if (payloads === undefined) this.seen.set(deviceId, [payload]);
    else payloads.push(payload);
    this.positions.set(deviceId, position);
    if (gap !== null) this.gaps.push(gap);
  }

  /** Every message of each device once, in order. */
  expectAll(each: number): void {
    const all = Array.from({ length: each }, (_, i) => i + 1);
    for (const deviceId of devices) expect(this.seen.get(deviceId)).toEqual(all);
    expect(this.gaps).toEqual([]);
  }
}

/** Rounds of one message of each device, for as long as somebody wants more of them. */
class Publisher {
  rounds = 0;
  readonly #device: Device;
  #stopped = false;

  constructor(device: Device) {
    this.#device = device;
  }

  async round(): Promise<void> {
    this.rounds += 1;
    const payload = String(this.rounds);
    await this.#device.publishAll(
      devices.map((id) => ({ topic: `devices/${id}/messages`, payload })),
    );
  }

  async run(): Promise<void> {
    while (!this.#stopped) await this.round();
  }

  stop(): void {
    this.#stopped = true;
  }
}

const query = `subscription ($ids: [ID!]!, $after: [DevicePosition!]) {
  deviceMessages(deviceIds: $ids, after: $after) { deviceId payload position gap { missed reason } }
}`;

/** One connection of a WebSocket client that resumes by position; resolves when it is cut. */
async function follow(
  gateway: TestGateway,
  account: Account,
  cutAfter: (received: number) => boolean,
): Promise<void> {
  const webSocket = new WebSocket(`${gateway.webSocketUrl}/graphql`, 'graphql-transport-ws');
  const after = [...account.positions].map(([deviceId, position]) => ({ deviceId, position }));
  let received = 0;
  let cut = false;
  webSocket.on('open', () => webSocket.send('{"type":"connection_init"}'));
  webSocket.on('error', () => undefined);
  webSocket.on('message', (data: Buffer) => {
    if (cut) return;
    const message = JSON.parse(data.toString()) as {
      type: string;
      payload: { data: { deviceMessages: Message } };
    };
    if (message.type === 'connection_ack') {
      const variables = { ids: devices, after };
      webSocket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query, variables } }));
      return;
    }
    expect(message.type).toBe('next');
    account.add(message.payload.data.deviceMessages);
    received += 1;
    if (cutAfter(received)) {
      cut = true;
      webSocket.terminate();
    }
  });
  await once(webSocket, 'close');
}

/** The same sequence in every run. */
function createChance(): () => number {
  let state = 12_345;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe('a client that is cut off 200 times while 50 devices publish', () => {
  it('misses nothing and gets nothing twice over WebSocket, by position', async () => {
    await using mosquitto = await startMosquitto();
    await using gateway = await startTestGateway({ mqttUrl: mosquitto.url, historySize: 10_000 });
    await using device = await connectDevice(mosquitto.url);
    const publisher = new Publisher(device);
    const account = new Account();
    const chance = createChance();

    // Live from the first message of each device on.
    const first = follow(gateway, account, (received) => received === devices.length);
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
    await publisher.round();
    await first;

    const publishing = publisher.run();
    for (let i = 0; i < cuts; i += 1) {
      const size = 1 + Math.floor(chance() * 120);
      await follow(gateway, account, (received) => received === size);
    }
    publisher.stop();
    await publishing;
    const total = publisher.rounds * devices.length;
    if (account.count < total) await follow(gateway, account, () => account.count === total);
    account.expectAll(publisher.rounds);
  });

  it.each([
    [
      'GraphQL over SSE',
      '/graphql',
      (data: string) =>
        (JSON.parse(data) as { data: { deviceMessages: Message } }).data.deviceMessages,
    ],
    [
      'the plain stream',
      `/api/v1/stream?device_ids=${devices.join(',')}`,
      (data: string) => {
        const { device_id, value } = JSON.parse(data) as { device_id: string; value: number };
        return { deviceId: device_id, payload: value, position: '', gap: null };
      },
    ],
  ])(
    'misses nothing and gets nothing twice over %s, by Last-Event-ID alone',
    async (_kind, path, read) => {
      await using mosquitto = await startMosquitto();
      await using gateway = await startTestGateway({ mqttUrl: mosquitto.url, historySize: 10_000 });
      await using device = await connectDevice(mosquitto.url);
      const publisher = new Publisher(device);
      const account = new Account();
      const chance = createChance();
      let lastEventId = '';

      const connect = () =>
        openEventStream(`${gateway.url}${path}`, {
          headers: lastEventId === '' ? {} : { 'last-event-id': lastEventId },
          ...(path === '/graphql' && {
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              ...(lastEventId !== '' && { 'last-event-id': lastEventId }),
            },
            body: JSON.stringify({ query, variables: { ids: devices } }),
          }),
        });

      // Cut off before the first message: even then nothing may be missed.
      const first = await connect();
      await first.firstText;
      await until('the first id has come', () => first.lastEventId !== '');
      ({ lastEventId } = first);
      expect(Buffer.byteLength(lastEventId)).toBeLessThan(2_048);
      await first[Symbol.asyncDispose]();

      await publisher.round();
      const publishing = publisher.run();
      for (let i = 0; i < cuts; i += 1) {
        const stream = await connect();
        const size = 1 + Math.floor(chance() * 120);
        for (const { data } of await stream.take(size)) account.add(read(data));
        stream.close();
        // What came along with the last one has been seen as well: its id is the one to come back with.
        for (const { data } of await stream.rest()) account.add(read(data));
        ({ lastEventId } = stream);
      }
      publisher.stop();
      await publishing;
      await using last = await connect();
      const missing = publisher.rounds * devices.length - account.count;
      for (const { data } of await last.take(missing)) account.add(read(data));
      account.expectAll(publisher.rounds);
    },
  );
});

describe('a stream of 1,000 devices', () => {
  it('goes on by Last-Event-ID, which fits into a header', async () => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    const ids = Array.from({ length: 1_000 }, (_, i) => `device-${i}`);
    const url = `${gateway.url}/api/v1/stream?device_ids=${ids.join(',')}`;
    const publish = (payload: string, to: readonly string[]): Promise<void> =>
      device.publishAll(to.map((id) => ({ topic: `devices/${id}/messages`, payload })));
    const first = await openEventStream(url);
    // With each event comes an id of 13 KB: all at once would be more than a queue and the kernel hold.
    for (let i = 0; i < ids.length; i += 100) {
      await publish('1', ids.slice(i, i + 100));
      await first.take(100);
    }
    await first[Symbol.asyncDispose]();
    await publish('2', ids);
    await gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === 2 * ids.length);
    const headers = { 'last-event-id': first.lastEventId };
    await using second = await openEventStream(url, { headers });
    const events = await second.take(ids.length);
    expect(events.map(({ data }) => data).toSorted()).toEqual(
      ids.map((id) => `{"device_id":"${id}","value":2}`).toSorted(),
    );
  });
});

describe('a gateway that was restarted', () => {
  it('tells a client that resumes that it cannot know what was missed, and goes on', async () => {
    await using mosquitto = await startMosquitto();
    await using device = await connectDevice(mosquitto.url);
    const publisher = new Publisher(device);
    const account = new Account();
    {
      await using gateway = await startTestGateway({ mqttUrl: mosquitto.url });
      const following = follow(gateway, account, (received) => received === devices.length);
      await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
      await publisher.round();
      await following;
    }
    await using gateway = await startTestGateway({ mqttUrl: mosquitto.url });
    const following = follow(gateway, account, () => account.count === 3 * devices.length);
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
    await publisher.round();
    await publisher.round();
    await following;
    expect(account.gaps).toEqual(devices.map(() => ({ missed: null, reason: 'STREAM_RESET' })));
    for (const deviceId of devices) expect(account.seen.get(deviceId)).toEqual([1, 2, 3]);
  });
});

describe('a client that stalls', () => {
  const one = [devices[0]!];

  it.each(['DROP_NEWEST', 'DROP_OLDEST', 'LATEST', 'DISCONNECT'])(
    'gets messages and gaps under %s that add up to what was published',
    async (overflow) => {
      await using mosquitto = await startMosquitto();
      await using gateway = await startTestGateway({
        mqttUrl: mosquitto.url,
        historySize: 100_000,
      });
      await using device = await connectDevice(mosquitto.url);
      let published = 0;
      const filling = 'x'.repeat(100_000);
      const publish = async (count: number): Promise<void> => {
        const taken: Promise<void>[] = [];
        for (let i = 0; i < count; i += 1) {
          published += 1;
          taken.push(
            device.publish(`devices/${one[0]}/messages`, `{"n":${published},"x":"${filling}"}`),
          );
        }
        await Promise.all(taken);
        await gateway.until(({ totalMessagesProcessed }) => totalMessagesProcessed === published);
      };
      let accounted = 0;
      let position = '';
      let failed = '';
      const read = (webSocket: WebSocket): void => {
        webSocket.on('message', (data: Buffer) => {
          const message = JSON.parse(data.toString()) as {
            type: string;
            payload: {
              data: { deviceMessages: Message };
            } & { extensions: { code: string } }[];
          };
          if (message.type === 'error') failed = message.payload[0]!.extensions.code;
          if (message.type !== 'next') return;
          const { deviceMessages } = message.payload.data;
          accounted += 1 + (deviceMessages.gap?.missed ?? 0);
          ({ position } = deviceMessages);
        });
      };
      const connect = async (after: object[] = []): Promise<WebSocket> => {
        const webSocket = new WebSocket(`${gateway.webSocketUrl}/graphql`, 'graphql-transport-ws');
        await once(webSocket, 'open');
        webSocket.send('{"type":"connection_init"}');
        await once(webSocket, 'message');
        read(webSocket);
        const text = `subscription ($ids: [ID!]!, $after: [DevicePosition!]) {
          deviceMessages(deviceIds: $ids, after: $after, overflow: ${overflow}, maxQueued: 5) {
            payload position gap { missed }
          }
        }`;
        const payload = { query: text, variables: { ids: one, after } };
        webSocket.send(JSON.stringify({ type: 'subscribe', id: '1', payload }));
        await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
        return webSocket;
      };
      const webSocket = await connect();
      await publish(1);
      webSocket.pause();
      const lost = (): number => {
        const { messagesDropped, messagesConflated } = gateway.stats();
        return messagesDropped + messagesConflated;
      };
      while (lost() === 0) await publish(20);
      webSocket.resume();
      if (overflow === 'DISCONNECT') {
        await until('the error has come', () => failed !== '');
        expect(failed).toBe('SLOW_CONSUMER');
        await connect([{ deviceId: one[0], position }]);
      } else {
        // What is told with the next message needs one.
        await gateway.until(({ messagesQueued }) => messagesQueued === 0);
        await publish(1);
      }
      await until('everything is accounted for', () => accounted === published);
      webSocket.terminate();
    },
  );
});
