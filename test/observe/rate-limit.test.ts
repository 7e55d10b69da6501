import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRateLimit, type RateLimit } from '../../src/observe/rate-limit.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Started extends RateLimit<string> {
  readonly said: [key: string, subject: string, count: number][];
}

function start(intervalMs: number, maxKeys?: number): Started {
  const said: Started['said'] = [];
  const limit = createRateLimit<string>({
    intervalMs,
    ...(maxKeys !== undefined && { maxKeys }),
    now: () => performance.now(),
    say: (...told) => said.push(told),
  });
  return { ...limit, said };
}

describe('createRateLimit', () => {
  it('says the first event at once', () => {
    const { said, event } = start(10);
    event('a', 'first');
    expect(said).toEqual([['a', 'first', 1]]);
  });

  it('says the newest event at the end of an interval, with the count of those that it stands for', () => {
    const { said, event } = start(10);
    event('a', 'first');
    event('a', 'second');
    vi.advanceTimersByTime(9);
    event('a', 'third', 5);
    expect(said).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(said).toEqual([
      ['a', 'first', 1],
      ['a', 'third', 6],
    ]);
    vi.advanceTimersByTime(100);
    expect(said).toHaveLength(2);
  });

  it('says an event at once when the last one is an interval ago', () => {
    const { said, event } = start(10);
    event('a', 'first');
    vi.advanceTimersByTime(10);
    event('a', 'second');
    expect(said).toEqual([
      ['a', 'first', 1],
      ['a', 'second', 1],
    ]);
  });

  it('limits each key by itself', () => {
    const { said, event } = start(10);
    for (const key of ['a', 'b', 'a', '__proto__', 'b']) event(key, '');
    expect(said.map(([key]) => key)).toEqual(['a', 'b', '__proto__']);
  });

  it('forgets a key after an interval without events', () => {
    const { said, event } = start(10, 2);
    event('a', '');
    event('b', '');
    vi.advanceTimersByTime(10);
    event('c', '');
    event('d', '');
    expect(said.map(([key]) => key)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('counts the events of keys for which there is no room together', () => {
    const { said, event } = start(10, 2);
    for (const key of ['a', 'b', 'c', 'd', 'e']) event(key, key);
    vi.advanceTimersByTime(10);
    expect(said).toEqual([
      ['a', 'a', 1],
      ['b', 'b', 1],
      ['others', 'c', 1],
      ['others', 'e', 2],
    ]);
  });

  it('says what is left when it is closed, and leaves no timer behind', () => {
    const { said, event, close } = start(10);
    event('a', 'first');
    event('a', 'second');
    event('b', 'only');
    close();
    expect(said.slice(2)).toEqual([['a', 'second', 1]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has no timer while nothing comes', () => {
    const { event } = start(10);
    event('a', '');
    vi.advanceTimersByTime(20);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('accounts for every event, and says nothing twice within an interval', () => {
    const pauses = fc.array(fc.nat(25), { maxLength: 100 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), pauses, (intervalMs, waits) => {
        const saidAt: number[] = [];
        let counted = 0;
        const limit = createRateLimit<string>({
          intervalMs,
          now: () => performance.now(),
          say(_key, _subject, count) {
            saidAt.push(performance.now());
            counted += count;
          },
        });
        for (const waitMs of waits) {
          vi.advanceTimersByTime(waitMs);
          limit.event('a', '');
        }
        vi.advanceTimersByTime(intervalMs);
        expect(counted).toBe(waits.length);
        for (const [i, at] of saidAt.slice(1).entries()) {
          expect(at - saidAt[i]!).toBeGreaterThanOrEqual(intervalMs);
        }
        limit.close();
      }),
    );
  });
});
