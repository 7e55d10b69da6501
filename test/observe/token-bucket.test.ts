import { expect, it } from 'vitest';
import { createTokenBucket } from '../../src/observe/token-bucket.ts';

it('gives a burst, then so many a second, and a burst again after a pause', () => {
  let clock = 0;
  const take = createTokenBucket({ perSecond: 2, burst: 3, now: () => clock });
  const taken = (): number => {
    let count = 0;
    while (take()) count += 1;
    return count;
  };
  expect(taken()).toBe(3);
  clock += 499;
  expect(taken()).toBe(0);
  clock += 1;
  expect(taken()).toBe(1);
  clock += 1_000;
  expect(taken()).toBe(2);
  clock += 60_000;
  expect(taken()).toBe(3);
});
