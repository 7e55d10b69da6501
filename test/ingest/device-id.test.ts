import { describe, expect, it } from 'vitest';
import { decodePayload, type JsonDocument } from '../../src/ingest/decode-payload.ts';
import { deviceIdAt, parseJsonPointer } from '../../src/ingest/device-id.ts';

function documentOf(text: string): JsonDocument {
  const [decoded] = decodePayload(Buffer.from(text), {
    maxPayloadBytes: Infinity,
    maxMessagesPerPayload: 1,
  });
  if (decoded?.ok !== true) throw new Error(`not one document: ${text.slice(0, 100)}`);
  return decoded;
}

function idAt(pointer: string, text: string): string | undefined {
  return deviceIdAt(parseJsonPointer(pointer), documentOf(text));
}

describe('parseJsonPointer', () => {
  it.each([
    ['/a', ['a']],
    ['/a/b/0', ['a', 'b', '0']],
    ['/a~1b', ['a/b']],
    ['/a~0b', ['a~b']],
    ['/~01', ['~1']],
    ['/', ['']],
    ['//', ['', '']],
    ['/ä b', ['ä b']],
  ])('takes %s apart', (text, tokens) => {
    expect(parseJsonPointer(text)).toEqual(tokens);
  });

  it.each(['', 'a', 'a/b', '#/a'])('refuses %j, which does not begin with a slash', (text) => {
    expect(() => parseJsonPointer(text)).toThrow(TypeError);
    expect(() => parseJsonPointer(text)).toThrow(`it is "${text}"`);
  });

  it.each(['/~', '/a~2', '/~~0', '/a~/b'])('refuses %j, with a bare tilde', (text) => {
    expect(() => parseJsonPointer(text)).toThrow(TypeError);
    expect(() => parseJsonPointer(text)).toThrow(/"~" stands as "~0"/);
  });
});

describe('deviceIdAt', () => {
  it.each([
    ['/id', '{"id":"a"}', 'a'],
    ['/id', '{"id":""}', ''],
    ['/a/b', '{"a":{"b":"deep"}}', 'deep'],
    ['/a/1', '{"a":["x","second"]}', 'second'],
    ['/a~1b', '{"a/b":"slash"}', 'slash'],
    ['/', '{"":"empty name"}', 'empty name'],
    ['/0', '["first",1]', 'first'],
    ['/__proto__', '{"__proto__":"own"}', 'own'],
    ['/id', '{"id":"first","id":"last"}', 'last'],
  ])('finds at %s of %s the string %j', (pointer, text, id) => {
    expect(idAt(pointer, text)).toBe(id);
  });

  it.each([
    ['42', '42'],
    ['-7', '-7'],
    ['9007199254740991', '9007199254740991'],
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567890', '12345678901234567890'],
    ['1.50', '1.50'],
    ['1e400', '1e400'],
  ])('finds the number %s as it was written', (number, id) => {
    expect(idAt('/a/id', `{"n":1,"a":{"id":${number}}}`)).toBe(id);
  });

  it.each([
    ['/id', '{}'],
    ['/id', '{"id":null}'],
    ['/id', '{"id":true}'],
    ['/id', '{"id":{}}'],
    ['/id', '{"id":["a"]}'],
    ['/id/x', '{"id":"a"}'],
    ['/a/b', '{"a":null}'],
    ['/0', '"text"'],
    ['/length', '["a","b"]'],
    ['/length', '"text"'],
    ['/-', '["a","b"]'],
    ['/00', '["a","b"]'],
    ['/2', '["a","b"]'],
    ['/toString', '{}'],
    ['/__proto__', '{}'],
    ['/constructor/name', '{}'],
    ['/id', '1'],
    ['/id', 'null'],
  ])('finds nothing at %s of %s', (pointer, text) => {
    expect(idAt(pointer, text)).toBeUndefined();
  });

  it('finds an id beside 100,000 brackets, and does not throw when it has lost digits', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(idAt('/id', `{"deep":${deep},"id":"a"}`)).toBe('a');
    expect(idAt('/id', `{"deep":${deep},"id":7}`)).toBe('7');
    expect(idAt('/id', `{"deep":${deep},"id":12345678901234567890}`)).toBeUndefined();
  });
});
