import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTicks } from '../../src/observe/ticks.ts';

const done = { value: undefined, done: true };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Started {
  readonly ticks: AsyncIterableIterator<number, undefined>;
  made: number;
}

/** Ticks of a second, whose values are their numbers. */
function start(): Started {
  const started: Started = { made: 0, ticks: createTicks(1_000, make) };
  function make(): number {
    started.made += 1;
    return started.made;
  }
  return started;
}

/** What has come out of the promise by now; the time does not go on for it. */
async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return Promise.race([promise, Promise.resolve('still pending')]);
}

describe('createTicks', () => {
  it('has a value at once and a fresh one in each interval', async () => {
    const { ticks } = start();
    const first = ticks.next();
    await vi.advanceTimersByTimeAsync(0);
    expect(await outcomeOf(first)).toEqual({ value: 1, done: false });
    const second = ticks.next();
    await vi.advanceTimersByTimeAsync(999);
    expect(await outcomeOf(second)).toBe('still pending');
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcomeOf(second)).toEqual({ value: 2, done: false });
  });

  it('makes no value before it is due', async () => {
    const started = start();
    void started.ticks.next();
    await vi.advanceTimersByTimeAsync(0);
    void started.ticks.next();
    await vi.advanceTimersByTimeAsync(999);
    expect(started.made).toBe(1);
  });

  it('spaces several pending next() by the interval, in order', async () => {
    const { ticks } = start();
    const pending = [ticks.next(), ticks.next(), ticks.next()];
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await outcomeOf(pending[0]!)).toEqual({ value: 1, done: false });
    expect(await outcomeOf(pending[1]!)).toEqual({ value: 2, done: false });
    expect(await outcomeOf(pending[2]!)).toBe('still pending');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await outcomeOf(pending[2]!)).toEqual({ value: 3, done: false });
  });

  it('piles nothing up for a slow reader: one value at once, and the next an interval later', async () => {
    const started = start();
    void started.ticks.next();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(started.made).toBe(1);
    const late = started.ticks.next();
    await vi.advanceTimersByTimeAsync(0);
    expect(await outcomeOf(late)).toEqual({ value: 2, done: false });
    const following = started.ticks.next();
    await vi.advanceTimersByTimeAsync(999);
    expect(await outcomeOf(following)).toBe('still pending');
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcomeOf(following)).toEqual({ value: 3, done: false });
  });

  it('settles every pending next() when returned, without a value and without time', async () => {
    const started = start();
    void started.ticks.next();
    await vi.advanceTimersByTimeAsync(0);
    const pending = [started.ticks.next(), started.ticks.next()];
    const returned = started.ticks.return!();
    expect(await outcomeOf(returned)).toEqual(done);
    expect(await outcomeOf(pending[0]!)).toEqual(done);
    expect(await outcomeOf(pending[1]!)).toEqual(done);
    expect(started.made).toBe(1);
  });

  it('leaves no timer behind when returned', async () => {
    const { ticks } = start();
    void ticks.next();
    void ticks.next();
    expect(vi.getTimerCount()).toBe(2);
    await ticks.return!();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has no timer while nobody reads', () => {
    start();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says done to every next() after the end, and can be returned again', async () => {
    const { ticks } = start();
    await ticks.return!();
    expect(await ticks.return!()).toEqual(done);
    expect(await ticks.next()).toEqual(done);
    expect(await ticks.next()).toEqual(done);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is returned by leaving for await with break', async () => {
    const { ticks } = start();
    const reading = (async () => {
      const seen: number[] = [];
      for await (const value of ticks) {
        seen.push(value);
        if (seen.length === 2) break;
      }
      return seen;
    })();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await outcomeOf(reading)).toEqual([1, 2]);
    expect(await ticks.next()).toEqual(done);
  });
});
