import { expect, it } from 'vitest';
import { createSharedValue } from '../../src/observe/shared-value.ts';

it('makes a value for the first who asks in a while, and shares it with the others', () => {
  let clock = 0;
  let made = 0;
  const read = createSharedValue(
    100,
    () => {
      made += 1;
      return { made };
    },
    () => clock,
  );
  const first = read();
  clock = 99;
  expect(read()).toBe(first);
  clock = 100;
  expect(read()).toEqual({ made: 2 });
  expect(read()).toBe(read());
  expect(made).toBe(2);
});
