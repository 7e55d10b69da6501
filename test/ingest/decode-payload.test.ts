import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  decodePayload,
  type Decoded,
  type PayloadLimits,
} from '../../src/ingest/decode-payload.ts';

const unlimited: PayloadLimits = { maxPayloadBytes: Infinity, maxMessagesPerPayload: Infinity };

function decode(payload: string | Uint8Array, limits = unlimited): readonly Decoded[] {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  return decodePayload(bytes, limits);
}

/** The texts, with the reason in the place of a rejected one. */
function texts(payload: string | Uint8Array, limits: Partial<PayloadLimits> = {}): string[] {
  return decode(payload, { ...unlimited, ...limits }).map((each) =>
    each.ok ? each.text : each.reason,
  );
}

describe('one value', () => {
  it.each(['{"a":1}', '1', '-0.10e+5', '"text"', 'true', 'null', '{}', '""', '[1.5,2.5]'])(
    'is %s, kept as it was written',
    (text) => {
      expect(decode(text)).toEqual([
        { ok: true, text, bytes: text.length, value: JSON.parse(text) },
      ]);
    },
  );

  it('is kept with the white space within it and without the one around it', () => {
    expect(texts(' \t\r\n{ "a" : [ 1 ] }\n ')).toEqual(['{ "a" : [ 1 ] }']);
  });

  it('is kept digit for digit, beyond what a number holds', () => {
    const text = '{"id":12345678901234567890,"ratio":1.0,"tiny":1e-400,"exact":0.10}';
    expect(texts(text)).toEqual([text]);
  });

  it('is kept letter for letter, beyond ASCII and with its escapes', () => {
    const text = String.raw`{"ä":"日本 😀 \u0041 \ud83d\ude00 \"[{,"}`;
    expect(texts(text)).toEqual([text]);
  });

  it('takes two bytes of memory for each character beyond ASCII', () => {
    expect(decode('"ä日"')).toEqual([{ ok: true, text: '"ä日"', bytes: 8, value: 'ä日' }]);
  });

  it('may have a byte order mark before it', () => {
    expect(texts('\ufeff {"a":1}')).toEqual(['{"a":1}']);
    expect(texts('\ufeff[{"a":1},{"b":2}]')).toEqual(['{"a":1}', '{"b":2}']);
  });

  it('is read from its own part of a larger buffer', () => {
    const buffer = Buffer.from('xx{"a":1}yy');
    expect(texts(buffer.subarray(2, 9))).toEqual(['{"a":1}']);
  });

  it('may be nested 100,000 brackets deep', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(texts(deep)).toEqual([deep]);
    const objects = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    expect(texts(`[${objects}, {}]`)).toEqual([objects, '{}']);
  });
});

describe('an array', () => {
  it('of objects is a message for each, as it was written', () => {
    expect(decode('[ {"a":1} ,\n{"b":[1,{"c":2}]},{} ]')).toEqual([
      { ok: true, text: '{"a":1}', bytes: 7, value: { a: 1 } },
      { ok: true, text: '{"b":[1,{"c":2}]}', bytes: 17, value: { b: [1, { c: 2 }] } },
      { ok: true, text: '{}', bytes: 2, value: {} },
    ]);
  });

  it('of one object is one message', () => {
    expect(texts('[{"a":1}]')).toEqual(['{"a":1}']);
  });

  it.each(['[1,2]', '[{"a":1},2]', '[{"a":1},null]', '[[{"a":1}]]', '[{},[]]', '["{}"]'])(
    'with anything but objects is one value: %s',
    (text) => {
      expect(texts(text)).toEqual([text]);
    },
  );

  it.each(['[]', ' [ ] ', '\ufeff[\n]'])('without an element is EMPTY: %j', (text) => {
    expect(texts(text)).toEqual(['EMPTY']);
  });

  it('is not split at brackets, commas and escaped quotes in strings', () => {
    const elements = [
      String.raw`{"a":"},{"}`,
      String.raw`{"]":"\"},{\""}`,
      String.raw`{"b":"\\"}`,
      String.raw`{"c":"\\\"]"}`,
      String.raw`{"d":"\u0022},{"}`,
    ];
    expect(texts(`[${elements.join(',')}]`)).toEqual(elements);
  });

  it('keeps the digits of each element', () => {
    expect(texts('[{"n":9007199254740993},{"n":1.00}]')).toEqual([
      '{"n":9007199254740993}',
      '{"n":1.00}',
    ]);
  });

  it('of any objects with any white space is split into texts that parse to them', () => {
    const value = fc.jsonValue({ maxDepth: 1, stringUnit: 'binary' });
    const object = fc.dictionary(awkwardText(), value, { maxKeys: 4 });
    const objects = fc.array(object, { minLength: 1, maxLength: 5 });
    const space = fc.constantFrom('', ' ', '\n', '\r\n', '\t ');
    const spaces = fc.array(space, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(objects, spaces, (elements, around) => {
        let used = 0;
        const pad = (): string => around[used++ % around.length]!;
        const printed = elements.map((element) => print(element, pad));
        const payload = `${pad()}[${pad()}${printed.join(`${pad()},${pad()}`)}${pad()}]${pad()}`;
        // Half a surrogate pair would be no UTF-8, so JSON.stringify writes it as an escape.
        const decoded = decode(payload);
        expect(decoded.map((each) => each.ok && each.text)).toEqual(printed);
        const values = printed.map((text): unknown => JSON.parse(text));
        expect(decoded.map((each) => each.ok && each.value)).toEqual(values);
      }),
      { numRuns: 300 },
    );
  });
});

describe('newline-delimited JSON', () => {
  it('is a message for each line', () => {
    expect(decode('{"a":1}\n{"b":2}\n')).toEqual([
      { ok: true, text: '{"a":1}', bytes: 7, value: { a: 1 } },
      { ok: true, text: '{"b":2}', bytes: 7, value: { b: 2 } },
    ]);
  });

  it('loses a bad line and no other', () => {
    expect(texts('{"a":1}\nnonsense\n{"b":2}\n{"c":')).toEqual([
      '{"a":1}',
      'NOT_JSON',
      '{"b":2}',
      'NOT_JSON',
    ]);
  });

  it('may end its lines with CRLF, leave some empty and begin with a byte order mark', () => {
    expect(texts('\ufeff{"a":1}\r\n\r\n {"b":2} \r\n1\r\n')).toEqual(['{"a":1}', '{"b":2}', '1']);
  });

  it('is none when its first line is no object', () => {
    expect(texts('1\n2')).toEqual(['NOT_JSON']);
    expect(texts('nonsense\n{"a":1}')).toEqual(['NOT_JSON']);
    expect(texts('{nonsense\n{"a":1}')).toEqual(['NOT_JSON']);
  });

  it('is none when it is one value over several lines', () => {
    expect(texts('{\n"a":\n1\n}')).toEqual(['{\n"a":\n1\n}']);
  });
});

describe('a rejected payload', () => {
  it.each(['', ' ', '\r\n\t', '\ufeff', '\ufeff\n'])('is EMPTY when it is %j', (text) => {
    expect(texts(text)).toEqual(['EMPTY']);
  });

  it.each([
    'x',
    '{',
    '{"a":1}}',
    '{"a":1},{"b":2}',
    "{'a':1}",
    'NaN',
    '01',
    '\ufeff\ufeff1',
    '\u00a01',
    '"\t"',
  ])('is NOT_JSON when it is %j', (text) => {
    expect(texts(text)).toEqual(['NOT_JSON']);
  });

  it.each([
    [[0xff]],
    [[0x22, 0xc3, 0x22]],
    [[0x22, 0xed, 0xa0, 0x80, 0x22]], // half a surrogate pair
    [[0x22, 0xc0, 0xaf, 0x22]], // an overlong slash
    [[0xff, 0xfe, 0x31, 0x00]], // UTF-16
  ])('is INVALID_UTF8 when its bytes are %j', (bytes) => {
    expect(texts(Uint8Array.from(bytes))).toEqual(['INVALID_UTF8']);
  });

  it('is TOO_LARGE from the first byte above the limit, counted in bytes', () => {
    expect(texts('"é"', { maxPayloadBytes: 4 })).toEqual(['"é"']);
    expect(texts('"é"', { maxPayloadBytes: 3 })).toEqual(['TOO_LARGE']);
    expect(texts(Uint8Array.of(0xff, 0xff), { maxPayloadBytes: 1 })).toEqual(['TOO_LARGE']);
  });

  it.each([
    ['an array', (count: number) => `[${Array.from({ length: count }, () => '{}').join(',')}]`],
    ['a spacious array', (count: number) => ` [ ${'{ } ,\n'.repeat(count - 1)}{"a":[{},{},{}]}]`],
    ['lines', (count: number) => '{"a":"\\n"}\n'.repeat(count)],
    ['lines with blank ones between', (count: number) => '{}\n \r\n\n'.repeat(count)],
  ])('is TOO_MANY_MESSAGES, once, as %s of one more than the limit', (_what, payloadOf) => {
    const limits = { maxMessagesPerPayload: 50 };
    expect(texts(payloadOf(50), limits)).toHaveLength(50);
    expect(texts(payloadOf(50), limits)).not.toContain('TOO_MANY_MESSAGES');
    expect(texts(payloadOf(51), limits)).toEqual(['TOO_MANY_MESSAGES']);
  });

  it.each([
    ['an array of numbers', `[${'1,'.repeat(999)}1]`],
    ['an array of objects and one number', `[${'{},'.repeat(999)}1]`],
    ['an object of many lines', `{${'"a":1,\n'.repeat(999)}"b":1}`],
    ['a string that reads like an array', `"${'[{},'.repeat(999)}"`],
  ])('is never TOO_MANY_MESSAGES as %s, which is one message', (_what, payload) => {
    expect(texts(payload, { maxMessagesPerPayload: 1 })).toEqual([payload]);
  });

  it('is NOT_JSON as a broken object of many lines', () => {
    expect(texts('{\n"a":1,\n"b"}', { maxMessagesPerPayload: 1 })).toEqual(['NOT_JSON']);
  });

  it('costs no parsed value when it has too many messages', () => {
    const parse = vi.spyOn(JSON, 'parse');
    try {
      texts(`[${'{},'.repeat(5_000)}{}]`, { maxMessagesPerPayload: 1_000 });
      expect(parse).not.toHaveBeenCalled();
      texts('{}\n'.repeat(5_000), { maxMessagesPerPayload: 1_000 });
      // The whole text, which ends at its second line, and the first line.
      expect(parse).toHaveBeenCalledTimes(2);
    } finally {
      parse.mockRestore();
    }
  });

  it('throws nothing, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decode(bytes).length).toBeGreaterThan(0);
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[{}[\]",:\\a1 \n]{0,20}$/), (text) => {
        for (const each of decode(text)) {
          if (each.ok) expect(JSON.parse(each.text)).toEqual(each.value);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

function awkwardText(): fc.Arbitrary<string> {
  return fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^["\\{}[\],:]{0,5}$/));
}

/** JSON with white space wherever it may stand. */
function print(value: unknown, pad: () => string): string {
  const items = (printed: string[]): string => pad() + printed.join(`${pad()},${pad()}`) + pad();
  if (Array.isArray(value)) return `[${items(value.map((item) => print(item, pad)))}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}${pad()}:${pad()}${print(member, pad)}`,
  );
  return `{${items(members)}}`;
}
