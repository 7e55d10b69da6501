import type { Holder } from '../bounds/holder.ts';
import type { KeepAliveWheel, KeptAlive } from './keep-alive.ts';

/** A client connection that stays open: a WebSocket or an event stream. */
export interface ClientConnection extends KeptAlive, Holder {
  /** Sends what is due and asks the client to go; it is gone once `remove` was called. */
  drain(): void;
}

/** The connections that are open now. */
export interface Connections {
  readonly size: number;
  /** No more are to be opened. */
  readonly closing: boolean;
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
    get closing() {
      return closing !== undefined;
    },
    add(connection) {
      open.add(connection);
      wheel.add(connection);
    },
    remove(connection) {
      wheel.remove(connection);
      if (open.delete(connection) && open.size === 0) emptied?.();
    },
    close(drainMs) {
      closing ??= drainAll(drainMs);
      return closing;
    },
  };
}
