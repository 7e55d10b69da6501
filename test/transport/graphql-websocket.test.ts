import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { schema } from '../../schema/schema.ts';
import { createBroker } from '../../src/broker/broker.ts';
import { Joiner } from '../../src/delivery/joiner.ts';
import { Turn } from '../../src/delivery/outbox.ts';
import type { BrokerStats } from '../../src/observe/broker-stats.ts';
import { createMemoryLog } from '../../src/log/memory-log.ts';
import { createConnections } from '../../src/transport/connections.ts';
import { createKeepAliveWheel } from '../../src/transport/keep-alive.ts';
import { createPlainRenderings } from '../../src/transport/plain-stream.ts';
import { createSharedBytes } from '../../src/admission/shared-bytes.ts';
import { createDocumentCache } from '../../src/delivery/document-cache.ts';
import { publicError } from '../../src/delivery/public-error.ts';
import { RenderingMemory } from '../../src/delivery/rendering.ts';
import { createHttpConnections } from '../../src/transport/http-connections.ts';
import { operationServices } from '../support/operation-services.ts';
import type { TransportContext } from '../../src/transport/transport-context.ts';
import { createWebSocketUpgrades } from '../../src/transport/websocket.ts';
import { keepComplaints } from '../support/complaints.ts';
import { openProtocol } from '../support/graphql-transport-ws.ts';

/** A server with the WebSocket endpoints alone, of which a part can be a broken one. */
async function serve(
  broken: Partial<TransportContext>,
): Promise<{ readonly url: string; readonly hidden: unknown[] } & AsyncDisposable> {
  const hidden: unknown[] = [];
  const wheel = createKeepAliveWheel(60_000);
  const context: TransportContext = {
    ...operationServices(),
    check: () => ({ ok: false, errors: [] }),
    turn: new Turn(new Joiner()),
    broker: createBroker({ queueSize: 10, overflow: 'DROP_NEWEST' }),
    connections: createConnections(wheel),
    stats: () => ({}) as BrokerStats,
    hide: (error) => publicError(error, (cause) => hidden.push(cause)),
    renderings: new RenderingMemory(),
    incoming: createSharedBytes({ maxBytes: 1_000_000, refused: () => {} }),
    unread: createSharedBytes({ maxBytes: 1_000_000, refused: () => {} }),
    originPolicy: () => ({ admitted: true, allowOrigin: undefined }),
    log: createMemoryLog({ maxDevices: 10 }),
    online: () => null,
    logger: keepComplaints().logger,
    limits: {
      maxDeviceIds: 10,
      queueSize: 10,
      maxSubscriptionsPerConnection: 10,
      maxDevicesPerConnection: 100,
      maxAnswerFields: 1_000,
      maxReservations: 10,
      maxConnections: 10,
      headTimeoutMs: 10_000,
      requestTimeoutMs: 30_000,
      idleTimeoutMs: 75_000,
      maxRequestBytes: 10_000,
      websocketCompression: 'off',
    },
    ...broken,
  };
  const upgrades = createWebSocketUpgrades(context, createPlainRenderings(context.renderings));
  const server = createServer().on('upgrade', (request, socket, head) => {
    upgrades.upgrade(request, socket, head, httpConnections.of(request));
  });
  const httpConnections = createHttpConnections(server, {
    maxConnections: 10,
    refused: () => {},
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hidden,
    async [Symbol.asyncDispose]() {
      wheel.close();
      await context.connections.close(0);
      server.close();
      await once(server, 'close');
    },
  };
}

it('closes with 4500 when something of ours breaks, and keeps to itself what', async () => {
  const { logger, complaints } = keepComplaints();
  await using server = await serve({
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
    broker: {
      ...createBroker({ queueSize: 10, overflow: 'DROP_NEWEST' }),
      subscribe() {
        throw fault;
      },
    },
  });

  it('is told as one over graphql-transport-ws, and not as a mistake of the client', async () => {
    await using server = await serve({ ...broken(), check: createDocumentCache(schema) });
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
    await using server = await serve(broken());
    const socket = new WebSocket(`${server.url}/api/v1/stream?device_ids=a`);
    const frames: unknown[] = [];
    socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString())));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1011);
    expect(frames).toEqual([{ event: 'error', data: { message: 'Unexpected error.' } }]);
    expect(server.hidden).toEqual([fault]);
  });
});
