import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBackOff, type BackOff } from '../../src/ingest/back-off.ts';

function waits(backOff: BackOff, count: number): number[] {
  return Array.from({ length: count }, () => backOff.nextMs());
}

describe('createBackOff', () => {
  it('doubles from 250 ms to 30 s at the longest', () => {
    const longest = createBackOff(() => 1);
    expect(waits(longest, 10)).toEqual([
      250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  it('waits half as long at the shortest', () => {
    const shortest = createBackOff(() => 0);
    expect(waits(shortest, 8)).toEqual([125, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000]);
  });

  it('begins anew after a success', () => {
    const backOff = createBackOff(() => 1);
    waits(backOff, 9);
    backOff.reset();
    expect(waits(backOff, 2)).toEqual([250, 500]);
  });

  it('waits between half of a step and all of it, by chance', () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.array(chance, { minLength: 1, maxLength: 20 }), (chances) => {
        let i = 0;
        const backOff = createBackOff(() => chances[i++]!);
        let longest = 250;
        for (const waitMs of waits(backOff, chances.length)) {
          expect(waitMs).toBeGreaterThanOrEqual(longest / 2);
          expect(waitMs).toBeLessThanOrEqual(longest);
          longest = Math.min(30_000, longest * 2);
        }
      }),
    );
  });

  it('does not let two of them wait equally long', () => {
    expect(waits(createBackOff(), 5)).not.toEqual(waits(createBackOff(), 5));
  });
});
