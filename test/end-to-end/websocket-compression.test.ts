import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket, type RawData } from 'ws';
import { connectDevice } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { Inbox } from '../support/inbox.ts';

interface Client extends AsyncDisposable {
  readonly webSocket: WebSocket;
  /** How many bytes have come over the wire. */
  readonly bytesRead: () => number;
  readonly messages: Inbox<string>;
}

const offers = { perMessageDeflate: true };

async function connect(
  gateway: TestGateway,
  path: string,
  options: { perMessageDeflate: boolean | object },
): Promise<Client> {
  const webSocket = new WebSocket(
    `${gateway.webSocketUrl}${path}`,
    path === '/graphql' ? ['graphql-transport-ws'] : [],
    options,
  );
  const messages = new Inbox<string>();
  let bytes = 0;
  webSocket.on('upgrade', ({ socket }) => socket.on('data', (chunk) => (bytes += chunk.length)));
  webSocket.on('message', (data: RawData) => messages.push((data as Buffer).toString()));
  await once(webSocket, 'open');
  return {
    webSocket,
    bytesRead: () => bytes,
    messages,
    async [Symbol.asyncDispose]() {
      webSocket.close();
      if (webSocket.readyState !== WebSocket.CLOSED) await once(webSocket, 'close');
    },
  };
}

async function subscribe(client: Client, id: string): Promise<void> {
  client.webSocket.send('{"type":"connection_init"}');
  expect(await client.messages.next()).toBe('{"type":"connection_ack"}');
  const query = 'subscription { deviceMessages(deviceIds: ["a"]) { deviceId payload } }';
  client.webSocket.send(JSON.stringify({ type: 'subscribe', id, payload: { query } }));
}

function nextOf(id: string, payload: string): string {
  return `{"id":${JSON.stringify(id)},"type":"next","payload":{"data":{"deviceMessages":{"deviceId":"a","payload":${payload}}}}}`;
}

const payloads = [
  '{"n":1}',
  `{"text":"${'ä日😀 '.repeat(50)}"}`,
  `{"text":"${'all work and no play '.repeat(10_000)}"}`,
];

describe('a gateway that compresses WebSocket messages', () => {
  it('sends every message in full to clients of different ids, compressed or not', async () => {
    await using gateway = await startTestGateway({ websocketCompression: 'on' });
    await using device = await connectDevice(gateway.mqttUrl);
    const ids = ['1', 'another', `"\\ ${'ü'.repeat(10)}`, 'ü'.repeat(1_024)];
    for (const options of [offers, { perMessageDeflate: false }]) {
      for (const id of ids) {
        await using client = await connect(gateway, '/graphql', options);
        expect(client.webSocket.extensions === '').toBe(options !== offers);
        await subscribe(client, id);
        await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
        for (const payload of payloads) await device.publish('devices/a/messages', payload);
        for (const payload of payloads) {
          expect(await client.messages.next()).toBe(nextOf(id, payload));
        }
      }
      await gateway.until(({ activeSubscribers }) => activeSubscribers === 0);
    }
  });

  it('compresses the plain stream too', async () => {
    await using gateway = await startTestGateway({ websocketCompression: 'on' });
    await using device = await connectDevice(gateway.mqttUrl);
    await using client = await connect(gateway, '/api/v1/stream?device_ids=a', offers);
    await gateway.until(({ activeSubscribers }) => activeSubscribers === 1);
    const text = 'all work and no play '.repeat(10_000);
    await device.publish('devices/a/messages', `{"text":"${text}"}`);
    expect(await client.messages.next()).toBe(
      `{"event":"message","data":{"device_id":"a","text":"${text}"}}`,
    );
    expect(client.bytesRead()).toBeLessThan(text.length / 50);
  });

  it('does without for a client whose window is too small', async () => {
    await using gateway = await startTestGateway({ websocketCompression: 'on' });
    await using client = await connect(gateway, '/graphql', {
      perMessageDeflate: { serverMaxWindowBits: 9 },
    });
    expect(client.webSocket.extensions).toBe('');
  });
});

describe('a gateway with default settings', () => {
  it('does not compress', async () => {
    await using gateway = await startTestGateway();
    await using client = await connect(gateway, '/graphql', offers);
    expect(client.webSocket.extensions).toBe('');
  });
});
