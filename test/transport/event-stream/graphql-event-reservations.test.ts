import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/observe/logger.ts';
import { createConnections, type Connections } from '../../../src/transport/connections.ts';
import {
  createEventReservations,
  tokenOf,
} from '../../../src/transport/event-stream/graphql-event-reservations.ts';
import { createHttpConnections } from '../../../src/transport/http/http-connections.ts';
import { createRefusalCounter, type RefusalCounter } from '../../../src/metrics/refusals.ts';
import { createKeepAliveWheel } from '../../../src/transport/keep-alive.ts';
import type { TransportContext } from '../../../src/transport/transport-context.ts';
import { urlOf } from '../../../src/transport/http/request-target.ts';
import { until } from '../../support/until.ts';

/** Reservations alone, on a port of their own. */
async function serveReservations({
  openWithinMs,
  maxReservations,
}: {
  readonly openWithinMs: number;
  readonly maxReservations: number;
}): Promise<{ url: string; connections: Connections; refusals: RefusalCounter } & Disposable> {
  const wheel = createKeepAliveWheel(3_600_000);
  const connections = createConnections(wheel);
  const refusals = createRefusalCounter();
  // What making a reservation looks at.
  const context = {
    connections,
    refusals,
    logger: silentLogger,
    limits: { maxReservations },
  } as TransportContext;
  const reservations = createEventReservations(context, openWithinMs);
  const server = createServer((request, response) => {
    const { pathname, searchParams } = urlOf(request);
    void reservations.serve(
      { request, response, pathname, searchParams, connection: httpConnections.of(request) },
      tokenOf(request, searchParams),
    );
  });
  const httpConnections = createHttpConnections(server, {
    maxConnections: 1_000,
    refused: () => {},
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections,
    refusals,
    [Symbol.dispose]() {
      wheel.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

describe('a reservation without its stream', () => {
  it('expires', async () => {
    using server = await serveReservations({ openWithinMs: 20, maxReservations: 10 });
    const token = await (await fetch(server.url, { method: 'PUT' })).text();
    await until('its place is free', () => server.connections.size === 0);
    expect((await fetch(`${server.url}?token=${token}`)).status).toBe(404);
    // And others may come.
    expect((await fetch(server.url, { method: 'PUT' })).status).toBe(201);
  });

  it('makes room for a new one when there are as many as there may be, the oldest first', async () => {
    using server = await serveReservations({ openWithinMs: 3_600_000, maxReservations: 2 });
    const tokens: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const response = await fetch(server.url, { method: 'PUT' });
      expect(response.status).toBe(201);
      tokens.push(await response.text());
    }
    const [first, second, third] = tokens;
    const statusOf = async (token: string | undefined): Promise<number> =>
      (await fetch(`${server.url}?token=${token}&operationId=a`, { method: 'DELETE' })).status;
    expect([await statusOf(first), await statusOf(second), await statusOf(third)]).toEqual([
      404, 200, 200,
    ]);
    expect(server.connections.size).toBe(2);
    expect(server.refusals.counts.RESERVATIONS).toBe(1);
  });
});
