import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBroker } from '../../src/broker/broker.ts';
import { Joiner } from '../../src/delivery/joiner.ts';
import { FlushQueue } from '../../src/delivery/flush-queue.ts';
import type { BrokerStats } from '../../src/metrics/broker-stats.ts';
import { createMemoryLog } from '../../src/log/memory-log.ts';
import { createConnections } from '../../src/transport/connections.ts';
import { createKeepAliveWheel } from '../../src/transport/keep-alive.ts';
import { createPlainForms } from '../../src/transport/plain/plain-form.ts';
import { createPlainWebSocket } from '../../src/transport/plain/plain-websocket.ts';
import { createSharedBytes } from '../../src/bounds/shared-bytes.ts';
import { publicError } from '../../src/delivery/public-error.ts';
import { RenderingMemory } from '../../src/delivery/rendering.ts';
import { createHttpConnections } from '../../src/transport/http/http-connections.ts';
import { operationServices } from './operation-services.ts';
import type { TransportContext } from '../../src/transport/transport-context.ts';
import { createGraphqlWebSocket } from '../../src/transport/websocket/graphql-websocket.ts';
import { createWebSocketUpgrades } from '../../src/transport/websocket/upgrades.ts';
import { keepComplaints } from './complaints.ts';

/** A server with the WebSocket endpoints alone, of which a part can be a broken one. */
export async function serveWebSockets(
  broken: Partial<TransportContext>,
  limits: Partial<TransportContext['limits']> = {},
): Promise<{ readonly url: string; readonly hidden: readonly unknown[] } & AsyncDisposable> {
  /** What clients were not told of the faults that they were told of. */
  const hidden: unknown[] = [];
  const wheel = createKeepAliveWheel(60_000);
  const context: TransportContext = {
    ...operationServices(),
    check: () => ({ ok: false, errors: [] }),
    flushQueue: new FlushQueue(new Joiner()),
    subscriptions: createBroker({ queueSize: 10, overflow: 'DROP_NEWEST' }),
    connections: createConnections(wheel),
    stats: () => ({}) as BrokerStats,
    sharedStats: () => ({}) as BrokerStats,
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
      maxRequestBytes: 1_000_000,
      websocketCompression: 'off',
      ...limits,
    },
    ...broken,
  };
  const upgrade = createWebSocketUpgrades(
    context,
    new Map([
      ['/graphql', createGraphqlWebSocket(context)],
      ['/api/v1/stream', createPlainWebSocket(context, createPlainForms(context.renderings))],
    ]),
  );
  const server = createServer().on('upgrade', (request, socket, head) => {
    upgrade(request, socket, head, httpConnections.of(request));
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
