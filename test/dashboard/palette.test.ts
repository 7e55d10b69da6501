import { expect, it } from 'vitest';
import { colorOf, palette } from '../../client/web/state/palette.ts';

it('has a colour of its own for each device that can be watched', () => {
  const colors = Array.from({ length: 10 }, (_, place) => colorOf(place));
  expect(new Set(colors).size).toBe(10);
  expect(new Set(palette).size).toBe(palette.length);
});

it('begins again behind its end, and has a colour for what has no place', () => {
  expect(colorOf(palette.length + 1)).toBe(palette[1]);
  expect(colorOf(undefined)).toBe(palette[0]);
});
