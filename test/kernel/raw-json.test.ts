import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RawJson } from '../../src/kernel/raw-json.ts';
import { resultText } from '../../src/delivery/result-text.ts';

describe('a RawJson', () => {
  it.each([
    '12345678901234567890',
    '1.0',
    '-0',
    '0.10000000000000000000001',
    '1e400',
    '1E-7',
    '[9007199254740993,1.50]',
    '{"a":{"b":[-0.0,{"c":1e0}]},"d":null,"e":true,"f":"1.0"}',
    '"12345678901234567890"',
    '{"__proto__":{"n":1.0},"toJSON":2.0,"rawJSON":3.0}',
  ])('prints %s by JSON.stringify as it was written', (text) => {
    expect(JSON.stringify({ payload: new RawJson(text) })).toBe(`{"payload":${text}}`);
  });

  it('loses the white space between the values by JSON.stringify, and nothing else', () => {
    expect(JSON.stringify(new RawJson('{ "a" :\n[ 1.0 , 2 ] }'))).toBe('{"a":[1.0,2]}');
  });

  it('prints any value by JSON.stringify as the value itself prints', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(new RawJson(text))).toBe(text);
      }),
    );
  });

  it.each([
    ['lists', `${'['.repeat(100_000)}1.0${']'.repeat(100_000)}`],
    ['objects', `${'{"a":'.repeat(100_000)}1.0${'}'.repeat(100_000)}`],
  ])('says so when 100,000 nested %s are too many for JSON.stringify', (_what, text) => {
    const payload = new RawJson(text);
    expect(() => JSON.stringify({ payload })).toThrow(
      new RangeError('The value is nested too deeply for JSON.stringify. Write its text instead.'),
    );
    expect(resultText({ data: { payload } })).toBe(`{"data":{"payload":${text}}}`);
  });

  it('prints 1,000 nested lists by JSON.stringify', () => {
    const text = `${'['.repeat(1_000)}1.0${']'.repeat(1_000)}`;
    expect(JSON.stringify(new RawJson(text))).toBe(text);
  });

  it('keeps its text', () => {
    expect(new RawJson(' [1 ] ').text).toBe(' [1 ] ');
  });
});
