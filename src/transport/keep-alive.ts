/** A connection that needs keep-alives. */
export interface KeptAlive {
  /**
   * Called once per interval: it sends a keep-alive to the client, or closes the
   * connection. MUST NOT throw.
   */
  keepAlive(): void;
}

export interface KeepAliveWheel {
  add(connection: KeptAlive): void;
  remove(connection: KeptAlive): void;
  close(): void;
}

const slots = 20;

/**
 * One timer for all connections: a wheel of 20 slots, of which one is served every
 * twentieth of the interval. A new connection goes into the slot that was served last,
 * so its first keep-alive comes after a whole interval.
 */
export function createKeepAliveWheel(intervalMs: number): KeepAliveWheel {
  const wheel = Array.from({ length: slots }, () => new Set<KeptAlive>());
  const slotOf = new Map<KeptAlive, Set<KeptAlive>>();
  let served = 0;
  const timer = setInterval(() => {
    served = (served + 1) % slots;
    for (const connection of wheel[served]!) connection.keepAlive();
  }, intervalMs / slots);
  timer.unref();

  return {
    add(connection) {
      const slot = wheel[served]!;
      slot.add(connection);
      slotOf.set(connection, slot);
    },
    remove(connection) {
      slotOf.get(connection)?.delete(connection);
      slotOf.delete(connection);
    },
    close() {
      clearInterval(timer);
    },
  };
}
