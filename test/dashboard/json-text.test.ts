import { expect, it } from 'vitest';
import { jsonText } from '../../client/web/state/json-text.ts';

it('is JSON, in one line or indented', () => {
  expect(jsonText({ a: [1, null] })).toBe('{"a":[1,null]}');
  expect(jsonText({ a: 1 }, 2)).toBe('{\n  "a": 1\n}');
  expect(jsonText(undefined)).toBe('null');
});

it('spells out what would turn the text around', () => {
  expect(jsonText('a\u202eb')).toBe(String.raw`"a\u202eb"`);
});

it('has an ellipsis in place of depths that no stack holds', () => {
  let deep: unknown = 1;
  for (let n = 0; n < 100_000; n += 1) deep = n % 2 === 0 ? [deep] : { in: deep };
  const text = jsonText(deep);
  expect(text).toContain('…');
  expect(text.length).toBeLessThan(1_000);
});
