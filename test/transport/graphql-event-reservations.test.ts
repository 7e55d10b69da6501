import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/observe/logger.ts';
import { createConnections, type Connections } from '../../src/transport/connections.ts';
import {
  createEventReservations,
  tokenOf,
  type ReservationLimits,
} from '../../src/transport/graphql-event-reservations.ts';
import { createKeepAliveWheel } from '../../src/transport/keep-alive.ts';
import type { TransportContext } from '../../src/transport/transport-context.ts';
import { urlOf } from '../../src/transport/request-target.ts';
import { until } from '../support/until.ts';

/** Reservations alone, on a port of their own. */
async function serveReservations(
  limits: ReservationLimits,
): Promise<{ url: string; connections: Connections } & Disposable> {
  const wheel = createKeepAliveWheel(3_600_000);
  const connections = createConnections(1_000, wheel);
  // What making a reservation looks at.
  const context = { connections, logger: silentLogger, limits: {} } as TransportContext;
  const reservations = createEventReservations(context, limits);
  const server = createServer((request, response) => {
    const { searchParams } = urlOf(request);
    void reservations.serve(request, response, tokenOf(request, searchParams), searchParams);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections,
    [Symbol.dispose]() {
      wheel.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

describe('a reservation without its stream', () => {
  it('expires', async () => {
    using server = await serveReservations({ openWithinMs: 20, maxUnopened: 10 });
    const token = await (await fetch(server.url, { method: 'PUT' })).text();
    await until('its place is free', () => server.connections.size === 0);
    expect((await fetch(`${server.url}?token=${token}`)).status).toBe(404);
    // And others may come.
    expect((await fetch(server.url, { method: 'PUT' })).status).toBe(201);
  });

  it('is one of at most so many', async () => {
    using server = await serveReservations({ openWithinMs: 3_600_000, maxUnopened: 2 });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      const response = await fetch(server.url, { method: 'PUT' });
      statuses.push(response.status);
      await response.text();
    }
    expect(statuses).toEqual([201, 201, 503]);
    expect(server.connections.size).toBe(2);
  });
});
