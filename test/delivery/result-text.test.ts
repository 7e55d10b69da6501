import * as fc from 'fast-check';
import type { ExecutionResult } from 'graphql';
import { describe, expect, it } from 'vitest';
import { RawJson } from '../../src/kernel/raw-json.ts';
import { resultText, ResultTooLong } from '../../src/delivery/result-text.ts';

/** Any value may stand anywhere in a result: it has the shape of one for the types only. */
function textOf(value: unknown): string {
  return resultText(value as ExecutionResult);
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  // Half a surrogate pair, and what JSON escapes or some do.
  fc.string({ unit: fc.constantFrom('\ud83d', '\udeb2', '"', '\\', '\n', '\0', '\u2028', 'é') }),
);

const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    anyText,
    fc.double(),
    fc.integer(),
    fc.constantFrom(null, undefined, true, false, -0, Infinity, Number.NaN),
    fc.date({ noInvalidDate: false }),
    fc.constantFrom(() => 1, Symbol('s')),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(anyText, fc.constantFrom('__proto__', '1', 'toString')), tie('value'), {
      maxKeys: 4,
      noNullPrototype: false,
    }),
  ),
})).value;

describe('resultText', () => {
  it('writes any value as JSON.stringify does', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(textOf(value)).toBe(JSON.stringify(value) ?? 'null');
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    [{ data: { a: undefined, b: () => 1, c: null } }],
    [{ data: [undefined, Symbol('s'), null, [], {}] }],
    [{ data: { a: -0, b: 1e21, c: 5e-324, d: Number.NaN } }],
    [{ data: { at: new Date(0), never: new Date(Number.NaN), far: new Date(8.64e15) } }],
    [{ data: '\ud83d \udeb2 🚲' }],
    [{ data: JSON.parse('{"__proto__":1,"2":2,"1":1,"":0}') }],
    [{ data: Object.assign(Object.create(null), { b: 1, a: 2 }) }],
    [{ data: { toJSON: () => ({ toJSON: 'not a function', a: 1 }) } }],
  ])('writes %o as JSON.stringify does', (value) => {
    expect(textOf(value)).toBe(JSON.stringify(value));
  });

  it.each(['12345678901234567890', ' [1.0,\n 2 ] ', '"\\u00e9\\ud800"', '{"b":1,"a":1,"b":2}'])(
    'writes the raw text %j as it is, wherever it stands',
    (text) => {
      const raw = new RawJson(text);
      expect(textOf({ data: { a: raw, b: [raw, { c: raw }] } })).toBe(
        `{"data":{"a":${text},"b":[${text},{"c":${text}}]}}`,
      );
    },
  );

  it('writes members in their order, what is left out and what is not', () => {
    expect(textOf({ errors: undefined, data: { z: 1, y: undefined, x: 2 }, extensions: {} })).toBe(
      '{"data":{"z":1,"x":2},"extensions":{}}',
    );
  });

  it('writes names right however many there have been', () => {
    for (let i = 0; i < 3_000; i += 1) {
      const name = `"name\n${i}`;
      const value = { [name]: i };
      expect(textOf(value)).toBe(JSON.stringify(value));
      expect(textOf(value)).toBe(JSON.stringify(value));
    }
  });

  it('is given up with the first value that is too much, and knows nothing of it afterwards', () => {
    const data = { a: [1, 'two', new RawJson('[3, 3]'), null, { b: true }], c: new Date(0) };
    const text = textOf({ data });
    // Of brackets it knows nothing, and each value counts as one more, for the comma behind it.
    expect(resultText({ data }, text.length + 10)).toBe(text);
    for (let most = 0; most < text.length - 10; most += 1) {
      expect(() => resultText({ data }, most)).toThrow(ResultTooLong);
    }
    expect(textOf({ data })).toBe(text);
  });
});
