import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimit } from '../../src/observe/rate-limit.ts';

interface Started {
  clock: number;
  readonly said: [key: string, count: number][];
  readonly event: (key: string) => void;
}

function start(intervalMs: number): Started {
  const started: Started = { clock: 0, said: [], event };
  const limit = createRateLimit(intervalMs, () => started.clock);
  function event(key: string): void {
    limit(key, (count) => started.said.push([key, count]));
  }
  return started;
}

describe('createRateLimit', () => {
  it('lets the first event through', () => {
    const { said, event } = start(10);
    event('a');
    expect(said).toEqual([['a', 1]]);
  });

  it('says one in each interval, with the count of those that it stands for', () => {
    const started = start(10);
    for (const at of [0, 1, 9, 10, 11, 19, 20]) {
      started.clock = at;
      started.event('a');
    }
    expect(started.said).toEqual([
      ['a', 1],
      ['a', 3],
      ['a', 3],
    ]);
  });

  it('begins an interval with what it says, not with the clock', () => {
    const started = start(10);
    for (const at of [0, 15, 24, 25]) {
      started.clock = at;
      started.event('a');
    }
    expect(started.said).toEqual([
      ['a', 1],
      ['a', 1],
      ['a', 2],
    ]);
  });

  it('limits each key by itself', () => {
    const { said, event } = start(10);
    for (const key of ['a', 'b', 'a', '__proto__', 'b']) event(key);
    expect(said).toEqual([
      ['a', 1],
      ['b', 1],
      ['__proto__', 1],
    ]);
  });

  it('accounts for every event, and says nothing twice within an interval', () => {
    const pauses = fc.array(fc.nat(25), { maxLength: 100 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), pauses, (intervalMs, waits) => {
        const started = start(intervalMs);
        const saidAt: number[] = [];
        for (const waitMs of waits) {
          started.clock += waitMs;
          const before = started.said.length;
          started.event('a');
          if (started.said.length > before) saidAt.push(started.clock);
        }
        started.clock += intervalMs;
        started.event('a');
        const counted = started.said.reduce((sum, [, count]) => sum + count, 0);
        expect(counted).toBe(waits.length + 1);
        for (const [i, at] of saidAt.slice(1).entries()) {
          expect(at - saidAt[i]!).toBeGreaterThanOrEqual(intervalMs);
        }
      }),
    );
  });
});
