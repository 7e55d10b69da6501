import { describe, expect, it } from 'vitest';
import { shortened, visible } from '../../client/web/state/visible-text.ts';

describe('a visible text', () => {
  it.each([
    ['a\u202eb', String.raw`a\u202eb`],
    ['\u2066\u2069', String.raw`\u2066\u2069`],
    ['\ufeffx', String.raw`\ufeffx`],
    ['\u0000\u001b[31m', String.raw`\u0000\u001b[31m`],
    ['\u0085', String.raw`\u0085`],
  ])('has %j spelled out', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it.each(['plain', 'two\n\tlines', 'שלום', 'Zürich 🚌'])('has %j as it is', (text) => {
    expect(visible(text)).toBe(text);
  });
});

it('is shortened to so many characters, and says so', () => {
  expect(shortened('12345', 5)).toBe('12345');
  expect(shortened('123456', 5)).toBe('1234…');
});
