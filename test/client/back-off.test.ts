import { afterEach, expect, it, vi } from 'vitest';
import { BackOff } from '../../client/back-off.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function waits(backOff: BackOff, count: number): number[] {
  return Array.from({ length: count }, () => backOff.next());
}

it('doubles the bound of the wait up to the longest', () => {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  const backOff = new BackOff({});
  expect(waits(backOff, 8)).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  expect(backOff.attempt).toBe(8);
  backOff.reset();
  expect(waits(new BackOff({ minRetryMs: 3, maxRetryMs: 10 }), 4)).toEqual([3, 6, 10, 10]);
  expect(waits(backOff, 1)).toEqual([250]);
});

it('takes a part of it by chance', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.25);
  expect(waits(new BackOff({}), 2)).toEqual([62.5, 125]);
});

it('does not overflow, however long it goes on', () => {
  const backOff = new BackOff({});
  for (const wait of waits(backOff, 5000)) expect(wait).toBeLessThanOrEqual(10_000);
});
