import { transportNames, type Transport } from '../kernel/caller.ts';
import type { Holder } from '../bounds/holder.ts';
import { zeroes } from '../metrics/counts.ts';
import type { HttpConnection } from './http/http-connections.ts';
import type { KeepAliveWheel, KeptAlive } from './keep-alive.ts';

/** A client connection that stays open: a WebSocket or an event stream. */
export interface ClientConnection extends KeptAlive, Holder {
  /**
   * Sends the waiting data and asks the client to disconnect. The connection has ended
   * when `remove` was called.
   */
  drain(): void;
}

/** Why a connection is refused. */
export interface ConnectionRefusal {
  readonly reason: 'SHUTTING_DOWN' | 'CONNECTIONS';
  /** The message for the client, without a full stop, so that it can be a close reason. */
  readonly message: string;
}

const shuttingDown: ConnectionRefusal = {
  reason: 'SHUTTING_DOWN',
  message: 'The gateway is shutting down',
};
const tooMany: ConnectionRefusal = { reason: 'CONNECTIONS', message: 'Too many connections' };

/** The connections that are open now. */
export interface Connections {
  readonly size: number;
  /** How many connections there are over each transport. */
  readonly byTransport: Readonly<Record<Transport, number>>;
  /**
   * The reason why a stream, a WebSocket or a reservation may not be opened on this
   * connection; undefined when it may. Every transport MUST call it.
   */
  admit(connection: Pick<HttpConnection, 'refused'>): ConnectionRefusal | undefined;
  add(connection: ClientConnection): void;
  remove(connection: ClientConnection): void;
  /**
   * Drains all connections, and terminates those that are still open after `drainMs`.
   * Resolves when none is left, with the number of terminated connections. A second
   * call gets the same result.
   */
  close(drainMs: number): Promise<number>;
}

export function createConnections(wheel: KeepAliveWheel): Connections {
  const open = new Set<ClientConnection>();
  const byTransport = zeroes(transportNames);
  let emptied: (() => void) | undefined;
  let closing: Promise<number> | undefined;

  async function drainAll(drainMs: number): Promise<number> {
    let terminated = 0;
    const empty = new Promise<void>((resolve) => {
      emptied = resolve;
    });
    if (open.size === 0) return terminated;
    for (const connection of open) connection.drain();
    const timer = setTimeout(() => {
      terminated = open.size;
      for (const connection of open) connection.terminate();
    }, drainMs);
    await empty;
    clearTimeout(timer);
    return terminated;
  }

  return {
    get size() {
      return open.size;
    },
    byTransport,
    admit({ refused }) {
      if (closing !== undefined) return shuttingDown;
      return refused ? tooMany : undefined;
    },
    add(connection) {
      open.add(connection);
      byTransport[connection.caller.transport] += 1;
      wheel.add(connection);
    },
    remove(connection) {
      wheel.remove(connection);
      if (!open.delete(connection)) return;
      byTransport[connection.caller.transport] -= 1;
      if (open.size === 0) emptied?.();
    },
    close(drainMs) {
      closing ??= drainAll(drainMs);
      return closing;
    },
  };
}
