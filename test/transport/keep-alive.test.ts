import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKeepAliveWheel, type KeptAlive } from '../../src/transport/keep-alive.ts';

const intervalMs = 20_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A connection that notes, from its own beginning, when its turns came. */
function createConnection(): KeptAlive & { readonly turns: number[] } {
  const beganAt = performance.now();
  const turns: number[] = [];
  return { turns, keepAlive: () => turns.push(performance.now() - beganAt) };
}

describe('createKeepAliveWheel', () => {
  it('gives a connection its turn once per interval', () => {
    const wheel = createKeepAliveWheel(intervalMs);
    const connection = createConnection();
    wheel.add(connection);
    vi.advanceTimersByTime(intervalMs - 1);
    expect(connection.turns).toEqual([]);
    vi.advanceTimersByTime(2 * intervalMs + 1);
    expect(connection.turns).toEqual([intervalMs, 2 * intervalMs, 3 * intervalMs]);
  });

  it('gives the first turn after 19 to 20 slots, whenever a connection comes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_000), { minLength: 1, maxLength: 30 }), (waits) => {
        const wheel = createKeepAliveWheel(intervalMs);
        const connections = waits.map((waitMs) => {
          vi.advanceTimersByTime(waitMs);
          const connection = createConnection();
          wheel.add(connection);
          return connection;
        });
        vi.advanceTimersByTime(2 * intervalMs);
        for (const { turns } of connections) {
          expect(turns[0]).toBeGreaterThan(intervalMs - intervalMs / 20);
          expect(turns[0]).toBeLessThanOrEqual(intervalMs);
          expect(turns[1]! - turns[0]!).toBe(intervalMs);
        }
        wheel.close();
      }),
    );
  });

  it('spreads the turns of connections that come one after the other', () => {
    const wheel = createKeepAliveWheel(intervalMs);
    let inThisSlot = 0;
    for (let slot = 0; slot < 20; slot += 1) {
      wheel.add({ keepAlive: () => (inThisSlot += 1) });
      vi.advanceTimersByTime(intervalMs / 20);
    }
    for (let slot = 0; slot < 20; slot += 1) {
      inThisSlot = 0;
      vi.advanceTimersByTime(intervalMs / 20);
      expect(inThisSlot).toBe(1);
    }
  });

  it('has one timer, however many connections there are', () => {
    const wheel = createKeepAliveWheel(intervalMs);
    for (let i = 0; i < 1_000; i += 1) wheel.add(createConnection());
    expect(vi.getTimerCount()).toBe(1);
  });

  it('gives no turn to a connection that was removed', () => {
    const wheel = createKeepAliveWheel(intervalMs);
    const [gone, staying] = [createConnection(), createConnection()];
    wheel.add(gone);
    wheel.add(staying);
    vi.advanceTimersByTime(intervalMs);
    wheel.remove(gone);
    wheel.remove(gone);
    vi.advanceTimersByTime(intervalMs);
    expect(gone.turns).toHaveLength(1);
    expect(staying.turns).toHaveLength(2);
  });

  it('gives the others of a slot their turn when one removes itself or another in its own', () => {
    const wheel = createKeepAliveWheel(intervalMs);
    const [victim, last] = [createConnection(), createConnection()];
    const first: KeptAlive = {
      keepAlive() {
        wheel.remove(first);
        wheel.remove(victim);
      },
    };
    for (const connection of [first, victim, last]) wheel.add(connection);
    vi.advanceTimersByTime(intervalMs);
    expect(victim.turns).toEqual([]);
    expect(last.turns).toEqual([intervalMs]);
  });

  it('ignores the removal of a connection that it does not know', () => {
    const wheel = createKeepAliveWheel(intervalMs);
    expect(() => wheel.remove(createConnection())).not.toThrow();
  });

  it('gives no turn, and leaves no timer, once it is closed', () => {
    const wheel = createKeepAliveWheel(intervalMs);
    const connection = createConnection();
    wheel.add(connection);
    wheel.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(2 * intervalMs);
    expect(connection.turns).toEqual([]);
  });
});
