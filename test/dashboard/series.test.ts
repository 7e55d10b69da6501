import { expect, it } from 'vitest';
import { createSeries, windowS } from '../../client/web/state/series.ts';

it('has a row for each value, on one axis of time', () => {
  const series = createSeries();
  series.push('a', 1, 10);
  series.push('b', 2, 20);
  series.push('a', 3, 30);
  expect(series.columns(['a', 'b', 'stranger'])).toEqual([
    [1, 2, 3],
    [10, undefined, 30],
    [undefined, 20, undefined],
    [undefined, undefined, undefined],
  ]);
  expect(series.last('a')).toBe(30);
  expect(series.last('stranger')).toBeUndefined();
});

it('puts kept messages of a device that joins later where they belong', () => {
  const series = createSeries();
  series.push('a', 1, 10);
  series.push('a', 3, 30);
  series.push('b', 2, 20);
  expect(series.columns(['a', 'b'])).toEqual([
    [1, 2, 3],
    [10, undefined, 30],
    [undefined, 20, undefined],
  ]);
});

it('interrupts the line of one device at a gap, from its last value on', () => {
  const series = createSeries();
  series.push('a', 1, 10);
  series.push('b', 2, 20);
  series.breakOff('a', 5);
  series.push('a', 5, 50);
  const [times, a, b] = series.columns(['a', 'b']);
  expect(times).toEqual([1, 2, 4.9995, 5]);
  expect(a).toEqual([10, undefined, null, 50]);
  expect(b).toEqual([undefined, 20, undefined, undefined]);
  expect(series.gaps('a')).toEqual([{ deviceId: 'a', from: 1, to: 5 }]);
  expect(series.gaps('b')).toEqual([]);
});

it('marks a gap in front of the first value as a moment', () => {
  const series = createSeries();
  series.breakOff('a', 5);
  expect(series.gaps('a')).toEqual([{ deviceId: 'a', from: 5, to: 5 }]);
});

it('forgets a device with its rows and gaps, and says whether another is left', () => {
  const series = createSeries();
  series.push('a', 1, 10);
  series.push('b', 2, 20);
  series.breakOff('a', 3);
  expect(series.drop('a')).toBe(true);
  expect(series.columns(['a', 'b'])).toEqual([[2], [undefined], [20]]);
  expect(series.gaps('a')).toEqual([]);
  expect(series.last('a')).toBeUndefined();
  expect(series.drop('b')).toBe(false);
});

it('keeps what is in its window, with the gaps in it', () => {
  const series = createSeries();
  series.push('a', 0, 0);
  series.breakOff('a', 1);
  for (let time = 1; time < 4 * windowS; time += 1) series.push('a', time, time);
  const [times] = series.columns(['a']);
  expect(times.at(-1)).toBe(4 * windowS - 1);
  expect(times[Math.floor(times.length / 10)]).toBeGreaterThanOrEqual(3 * windowS - 1);
  expect(series.gaps('a')).toEqual([]);
});

it('is bounded when more comes than its window should hold', () => {
  const series = createSeries();
  for (let n = 0; n < 30_000; n += 1) series.push('a', n / 1_000, n);
  expect(series.columns(['a'])[0].length).toBeLessThanOrEqual(12_000);
  expect(series.last('a')).toBe(29_999);
});
