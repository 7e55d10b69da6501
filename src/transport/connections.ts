import { transportNames, type Transport } from '../kernel/caller.ts';
import type { Holder } from '../bounds/holder.ts';
import { zeroes } from '../metrics/counts.ts';
import type { HttpConnection } from './http/http-connections.ts';
import type { KeepAliveWheel, KeptAlive } from './keep-alive.ts';

/** A client connection that stays open: a WebSocket or an event stream. */
export interface ClientConnection extends KeptAlive, Holder {
  /** Sends what is due and asks the client to go; it is gone once `remove` was called. */
  drain(): void;
}

/** Why one more may not come in. */
export interface ConnectionRefusal {
  readonly reason: 'SHUTTING_DOWN' | 'CONNECTIONS';
  /** For the client; without a full stop, as a close reason has it. */
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
  /** How many there are over each transport. */
  readonly byTransport: Readonly<Record<Transport, number>>;
  /** Whether a stream, a WebSocket or a reservation may be opened on this connection; undefined when it may. Asked by every transport. */
  admit(connection: Pick<HttpConnection, 'refused'>): ConnectionRefusal | undefined;
  add(connection: ClientConnection): void;
  remove(connection: ClientConnection): void;
  /**
   * Drains all, and terminates those that are still there after `drainMs`.
   * Resolves when none is left, with how many it had to terminate, for whoever
   * calls it again too.
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
