import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createSchema } from '../../../schema/schema.ts';
import { createBroker } from '../../../src/broker/broker.ts';
import { createDocumentCache } from '../../../src/document/document-cache.ts';
import type { TransportContext } from '../../../src/transport/transport-context.ts';
import { keepComplaints } from '../../support/complaints.ts';
import { openProtocol } from '../../support/graphql-transport-ws.ts';
import { serveWebSockets } from '../../support/websocket-endpoints.ts';

const schema = createSchema();

it('closes with 4500 when something of ours breaks, and keeps to itself what', async () => {
  const { logger, complaints } = keepComplaints();
  await using server = await serveWebSockets({
    logger,
    check() {
      throw new Error('the cache is on fire');
    },
  });
  await using client = await openProtocol(server.url);
  client.subscribe('1', '{ __typename }');
  expect(await client.closed).toEqual({ code: 4500, reason: 'Internal server error' });
  expect(complaints).toEqual(['A WebSocket message could not be handled']);
});

describe('a fault of ours while a subscription is opened', () => {
  const fault = new TypeError("Cannot read properties of undefined (reading 'secret')");
  const broken = (): Partial<TransportContext> => ({
    subscriptions: {
      ...createBroker({ queueSize: 10, overflow: 'DROP_NEWEST' }),
      subscribe() {
        throw fault;
      },
    },
  });

  it('is told as one over graphql-transport-ws, and not as a mistake of the client', async () => {
    await using server = await serveWebSockets({ ...broken(), check: createDocumentCache(schema) });
    await using client = await openProtocol(server.url);
    client.subscribe('1', 'subscription { deviceMessages(deviceIds: ["a"]) { topic } }');
    expect(await client.next()).toMatchObject({
      id: '1',
      type: 'error',
      payload: [{ message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    expect(server.hidden).toEqual([fault]);
  });

  it('is told as one on the plain stream, which it ends, and nothing else', async () => {
    await using server = await serveWebSockets(broken());
    const socket = new WebSocket(`${server.url}/api/v1/stream?device_ids=a`);
    const frames: unknown[] = [];
    socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString())));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1011);
    expect(frames).toEqual([{ event: 'error', data: { message: 'Unexpected error.' } }]);
    expect(server.hidden).toEqual([fault]);
  });
});
