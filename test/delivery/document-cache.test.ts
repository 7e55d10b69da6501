import { buildSchema, GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../schema/schema.ts';
import {
  createDocumentCache,
  maxDocumentLength,
  maxTokens,
  type CheckedDocument,
} from '../../src/delivery/document-cache.ts';

function check(text: string): CheckedDocument {
  return createDocumentCache(schema)(text);
}

/** The messages of the errors; of a valid document there are none. */
function faults(text: string): string[] {
  const checked = check(text);
  if (checked.ok) return [];
  for (const error of checked.errors) expect(error).toBeInstanceOf(GraphQLError);
  return checked.errors.map(({ message }) => message);
}

const messages = 'deviceMessages(deviceIds: ["a"])';

describe('checking a document', () => {
  it('parses what is valid', () => {
    const checked = check('{ brokerStats { version } }');
    expect(checked.ok && checked.document.definitions).toHaveLength(1);
  });

  it.each([
    ['', 'Syntax Error: Unexpected <EOF>.'],
    ['{', 'Syntax Error: Expected Name, found <EOF>.'],
    ['query { brokerStats { version }', 'Syntax Error: Expected Name, found <EOF>.'],
    ['nonsense', 'Syntax Error: Unexpected Name "nonsense".'],
    [
      String.raw`{ a(b: "\x") }`,
      String.raw`Syntax Error: Invalid character escape sequence: "\x".`,
    ],
  ])('tells the syntax error of %j', (text, message) => {
    expect(faults(text)).toEqual([message]);
  });

  it.each([
    ['{ nothing }', 'Cannot query field "nothing" on type "Query".'],
    ['{ brokerStats }', /must have a selection of subfields/],
    [
      `subscription { ${messages} { deviceId } brokerStats { version } }`,
      /must select only one top level field/,
    ],
    [
      `subscription { ${messages} { ...F } } fragment F on DeviceMessage { ...F }`,
      /Cannot spread fragment "F" within itself/,
    ],
    [
      `subscription ($x: Boolean!) { ${messages} @skip(if: $x) { deviceId } }`,
      /"\$x" which was not provided/,
    ],
    ['fragment F on Query { __typename }', /Fragment "F" is never used/],
    ['type A { b: Int }', /definition is not executable/],
  ])('tells what is wrong with %s', (text, message) => {
    expect(faults(text)[0]).toMatch(message);
  });

  it('takes as many tokens as GraphiQL could ever need, and no more', () => {
    // Three tokens around the selection. The rest are commas, which are none.
    const names = (count: number): string => `{${' __typename,'.repeat(count)}}`;
    expect(faults(names(maxTokens - 2))).toEqual([
      `The operation selects ${maxTokens - 2} fields, fragments spread; at most 500 are allowed.`,
    ]);
    expect(faults(names(maxTokens - 1))).toEqual([
      `Syntax Error: Document contains more that ${maxTokens} tokens. Parsing aborted.`,
    ]);
  });

  it('takes 100,000 characters and refuses one more, of which it reads none', () => {
    const longest = '{ __typename }'.padEnd(maxDocumentLength, '#');
    expect(faults(longest)).toEqual([]);
    const refused = 'The document has 100001 characters; at most 100000 are allowed.';
    expect(faults(`${longest}#`)).toEqual([refused]);
    expect(faults('{'.repeat(100_001))).toEqual([refused]);
  });

  it.each([
    ['braces', '{'.repeat(100_000)],
    ['named braces', '{a'.repeat(50_000)],
    ['brackets', `{a(b:${'['.repeat(99_990)}`],
    ['objects', `{a(b:${'{c:'.repeat(33_330)}`],
    ['list types', `query($a:${'['.repeat(99_990)}`],
  ])('refuses as many nested %s as a document may have characters for', (_what, text) => {
    expect(faults(text)).toHaveLength(1);
  });

  it.each([
    ['fields', `${'{a'.repeat(2_400)}${'}'.repeat(2_400)}`],
    ['lists', `{a(b:${'['.repeat(2_400)}${']'.repeat(2_400)})}`],
    ['defaults', `query($a:Int=${'['.repeat(2_400)}${']'.repeat(2_400)}){__typename}`],
  ])('refuses %s that are nested as deeply as the tokens allow', (_what, text) => {
    // How much of it fits on the stack depends on the machine: that it is refused does not.
    expect(faults(text)).not.toEqual([]);
  });

  it.each([500, 501])('takes 500 fields and refuses 501: %i', (count) => {
    const aliases = Array.from({ length: count - 1 }, (_, i) => `a${i}: payload`).join(' ');
    const refused = `The operation selects ${count} fields, fragments spread; at most 500 are allowed.`;
    expect(faults(`subscription { ${messages} { ${aliases} } }`)).toEqual(
      count <= 500 ? [] : [refused],
    );
  });

  it('counts the fields of inline fragments, and those of a fragment for each spread', () => {
    const fields = (count: number): string =>
      Array.from({ length: count }, (_, i) => `a${i}: payload`).join(' ');
    const document = (more: string): string =>
      `subscription { ${messages} { ...F ... { ...F ... on DeviceMessage { ...F } } ${more} } }
       fragment F on DeviceMessage { ${fields(166)} }`;
    expect(faults(document('topic'))).toEqual([]);
    expect(faults(document('topic position'))).toEqual([
      'The operation selects 501 fields, fragments spread; at most 500 are allowed.',
    ]);
  });

  it('counts the fields of each operation by itself', () => {
    const operation = (name: string): string =>
      `query ${name} { brokerStats { ${Array.from({ length: 300 }, (_, i) => `a${i}: version`).join(' ')} } }`;
    expect(faults(`${operation('A')} ${operation('B')}`)).toEqual([]);
  });

  it('refuses a fragment bomb, and for its size alone', () => {
    const depth = 200;
    const fragments = Array.from(
      { length: depth },
      (_, i) => `fragment F${i} on DeviceMessage { ...F${i + 1} ...F${i + 1} }`,
    );
    const bomb = [
      `subscription { ${messages} { ...F0 } }`,
      ...fragments,
      `fragment F${depth} on DeviceMessage { payload }`,
    ].join('\n');
    expect(faults(bomb)).toEqual([
      expect.stringMatching(/^The operation selects 1\.6\d*e\+60 fields/),
    ]);
  });

  it('refuses a document that is too large before any rule compares its fields with each other', () => {
    // Wrong in other ways too: of those it is not told.
    const fields = 'brokerStats { messagesDroppedByReason { nothing } } '.repeat(600);
    expect(faults(`{ ${fields} }`)).toEqual([
      'The operation selects 1800 fields, fragments spread; at most 500 are allowed.',
    ]);
  });

  it('takes the introspection of GraphiQL', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    const everything = getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    });
    expect(faults(everything)).toEqual([]);
  });
});

describe('keeping documents', () => {
  const document = (i: number): string => `{ brokerStats { a${i}: version } }`;

  it('gives one document to all who send one text, valid or not', () => {
    const keep = createDocumentCache(schema);
    expect(keep(document(1))).toBe(keep(document(1)));
    expect(keep('{ nothing }')).toBe(keep('{ nothing }'));
    expect(keep(document(1))).not.toBe(keep(`${document(1)} `));
  });

  it('has its own for each schema', () => {
    const other = createDocumentCache(buildSchema('type Query { other: Int }'));
    expect(other('{ other }').ok).toBe(true);
    expect(check('{ other }').ok).toBe(false);
  });

  it('keeps the thousand that were used last', () => {
    const keep = createDocumentCache(schema);
    const first = keep(document(0));
    const second = keep(document(1));
    for (let i = 2; i < 1_000; i += 1) keep(document(i));
    // All are kept still, and the first is used once more.
    expect(keep(document(0))).toBe(first);
    keep(document(1_000));
    expect(keep(document(0))).toBe(first);
    expect(keep(document(1))).not.toBe(second);
  });

  it('keeps no document that is longer than 20,000 characters', () => {
    const keep = createDocumentCache(schema);
    const atMost = document(0).padEnd(20_000);
    expect(keep(atMost)).toBe(keep(atMost));
    const longer = `${atMost} `;
    expect(keep(longer)).not.toBe(keep(longer));
    expect(keep(longer).ok).toBe(true);
  });
});
