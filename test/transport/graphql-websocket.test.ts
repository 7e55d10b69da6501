import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createBroker } from '../../src/broker/broker.ts';
import { Joiner } from '../../src/delivery/joiner.ts';
import { Turn } from '../../src/delivery/outbox.ts';
import type { BrokerStats } from '../../src/observe/broker-stats.ts';
import { createMemoryLog } from '../../src/log/memory-log.ts';
import { createConnections } from '../../src/transport/connections.ts';
import { createKeepAliveWheel } from '../../src/transport/keep-alive.ts';
import { createPlainRenderings } from '../../src/transport/plain-stream.ts';
import { GraphQLError } from 'graphql';
import { createSharedBytes } from '../../src/admission/shared-bytes.ts';
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
): Promise<{ readonly url: string } & AsyncDisposable> {
  const wheel = createKeepAliveWheel(60_000);
  const context: TransportContext = {
    ...operationServices(),
    check: () => ({ ok: false, errors: [] }),
    turn: new Turn(new Joiner()),
    broker: createBroker({ queueSize: 10, overflow: 'DROP_NEWEST' }),
    connections: createConnections(wheel),
    stats: () => ({}) as BrokerStats,
    hide: (error) => new GraphQLError(String(error)),
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
