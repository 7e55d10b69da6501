import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainData } from '../../src/delivery/plain-rendering.ts';
import { createMessages } from '../support/messages.ts';

function plain(payload: string, deviceId = 'a'): string {
  return plainData(createMessages()(deviceId, payload));
}

describe('plainData', () => {
  it.each([
    ['puts the id into an object without one', '{"t":1}', '{"device_id":"a","t":1}'],
    ['puts the id into an empty object', '{}', '{"device_id":"a"}'],
    ['puts the id into an empty object with white space', '{ \n}', '{"device_id":"a"}'],
    ['keeps an id', '{"device_id":"b"}', '{"device_id":"b"}'],
    ['keeps an id that is no string', '{"t":1,"device_id":null}', '{"t":1,"device_id":null}'],
    [
      'keeps an id spelled with escapes',
      String.raw`{"device\u005fid":1}`,
      String.raw`{"device\u005fid":1}`,
    ],
    [
      'looks for no id below the top',
      '{"x":{"device_id":"b"}}',
      '{"device_id":"a","x":{"device_id":"b"}}',
    ],
    ['looks for no id in a value', '{"x":"device_id"}', '{"device_id":"a","x":"device_id"}'],
    [
      'looks for no id in a prototype',
      '{"__proto__":{"device_id":1}}',
      '{"device_id":"a","__proto__":{"device_id":1}}',
    ],
    [
      'takes no name for the id that only begins with it',
      '{"device_id2":1}',
      '{"device_id":"a","device_id2":1}',
    ],
    [
      'makes a value of a number, digit for digit',
      '12345678901234567890',
      '{"device_id":"a","value":12345678901234567890}',
    ],
    ['makes a value of a text', '"{}"', '{"device_id":"a","value":"{}"}'],
    ['makes a value of null', 'null', '{"device_id":"a","value":null}'],
    [
      'makes a value of an array',
      '[{"device_id":"b"}]',
      '{"device_id":"a","value":[{"device_id":"b"}]}',
    ],
    [
      'leaves everything else as it was sent',
      '{ "n" : 1.0,\n"m":1e400 }',
      '{"device_id":"a","n" : 1.0,\n"m":1e400 }',
    ],
  ])('%s', (_fact, payload, expected) => {
    expect(plain(payload)).toBe(expected);
  });

  it('writes an id with quotes and backslashes as JSON', () => {
    const id = String.raw`"\é`;
    expect(JSON.parse(plain('1', id))).toEqual({ device_id: id, value: 1 });
    expect(JSON.parse(plain('{"a":1}', id))).toEqual({ device_id: id, a: 1 });
  });

  it('keeps every member of an object, behind the id', () => {
    const names = fc.oneof(fc.string(), fc.constantFrom('device_id', '__proto__', 'value'));
    const objects = fc.dictionary(names, fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: false });
    const space = fc.constantFrom(undefined, 1, '\t', ' \n');
    fc.assert(
      fc.property(objects, space, (object, indent) => {
        const payload = JSON.stringify(object, null, indent);
        const data = JSON.parse(plain(payload)) as object;
        const expected = JSON.parse(payload) as object;
        if (Object.hasOwn(expected, 'device_id')) expect(data).toEqual(expected);
        else expect(JSON.stringify(data)).toBe(JSON.stringify(JSON.parse(withId(payload))));
      }),
      { numRuns: 500 },
    );
  });
});

/** The same object with one more member, by way of its entries. */
function withId(payload: string): string {
  const members = Object.entries(JSON.parse(payload) as object).map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  return `{${['"device_id":"a"', ...members].join(',')}}`;
}
