import { expect, it } from 'vitest';
import { nextRates, type Rates } from '../../client/web/state/rates.ts';

/** Rates from positions at times in milliseconds. */
function ratesOf(...marks: readonly (readonly [position: string | undefined, at: number])[]) {
  let rates: Rates | undefined;
  for (const [position, at] of marks) rates = nextRates(rates, position, at);
  return rates;
}

it('is unknown until there are two positions', () => {
  expect(ratesOf([undefined, 0])).toBeUndefined();
  expect(ratesOf(['e-5', 0])).toMatchObject({ values: [], perS: undefined });
});

it('is the messages between two positions in a second', () => {
  expect(ratesOf(['e-5', 0], ['e-25', 2_000])).toMatchObject({ values: [10], perS: 10 });
  expect(ratesOf(['e-5', 0], ['e-25', 2_000], ['e-25', 4_000])?.values).toEqual([10, 0]);
});

it('waits when two positions follow each other too soon', () => {
  expect(ratesOf(['e-0', 0], ['e-9', 100], ['e-10', 1_000])?.values).toEqual([10]);
});

it('begins anew in another epoch, which may have a dash in its name', () => {
  expect(ratesOf(['e-1-9', 0], ['e-1-19', 1_000])?.perS).toBe(10);
  expect(ratesOf(['e-1-9', 0], ['e-2-19', 1_000])?.perS).toBeUndefined();
});

it('stays as it was at what is no position', () => {
  const known = ratesOf(['e-0', 0], ['e-1', 1_000]);
  for (const position of [undefined, '', 'e', 'e-x', 'e-1.5']) {
    expect(nextRates(known, position, 2_000)).toBe(known);
  }
});

it('keeps the newest forty', () => {
  const marks = Array.from({ length: 100 }, (_, n) => [`e-${n * n}`, n * 1_000] as const);
  const values = ratesOf(...marks)!.values;
  expect(values).toHaveLength(40);
  expect(values.at(-1)).toBe(99 * 99 - 98 * 98);
});
