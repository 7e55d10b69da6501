import { buildSchema, GraphQLError } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { createSchema } from '../../schema/schema.ts';
import {
  createDocumentCache,
  maxDocumentLength,
  maxTokens,
  type CheckDocument,
  type CheckedDocument,
} from '../../src/document/document-cache.ts';

const schema = createSchema();

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
      `The operation selects ${maxTokens - 2} fields after its fragments are spread; at most 500 are allowed.`,
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
    const aliases = 'payload '.repeat(count - 1);
    const refused = `The operation selects ${count} fields after its fragments are spread; at most 500 are allowed.`;
    expect(faults(`subscription { ${messages} { ${aliases} } }`)).toEqual(
      count <= 500 ? [] : [refused],
    );
  });

  it('counts the fields of inline fragments, and those of a fragment for each spread', () => {
    const fields = (count: number): string => 'payload '.repeat(count);
    const document = (more: string): string =>
      `subscription { ${messages} { ...F ... { ...F ... on DeviceMessage { ...F } } ${more} } }
       fragment F on DeviceMessage { ${fields(166)} }`;
    expect(faults(document('topic'))).toEqual([]);
    expect(faults(document('topic position'))).toEqual([
      'The operation selects 501 fields after its fragments are spread; at most 500 are allowed.',
    ]);
  });

  it('counts the fields of all definitions, those that nothing uses included', () => {
    const fields = (count: number): string => `brokerStats { ${'version '.repeat(count - 1)} }`;
    const refused = 'The document has 501 fields in all its definitions; at most 500 are allowed.';
    expect(faults(`query A { ${fields(250)} } query B { ${fields(250)} }`)).toEqual([]);
    expect(faults(`query A { ${fields(250)} } query B { ${fields(251)} }`)).toEqual([refused]);
    expect(faults(`query A { ${fields(250)} } fragment F on Query { ${fields(251)} }`)).toEqual([
      refused,
    ]);
  });

  describe('a field under several names', () => {
    const names = (count: number, field: string, prefix = 'a'): string =>
      Array.from({ length: count }, (_, i) => `${prefix}${i}: ${field}`).join(' ');
    const refused = (field: string): string =>
      `"${field}" is selected under more than 4 response names; without arguments, it has the same value under each of them. Select it once.`;

    it.each([
      ['in one selection', `{ brokerStats { ${names(4, 'version')} } }`],
      ['under one name over and over', `{ brokerStats { ${'version '.repeat(100)} } }`],
      [
        'in selections of their own',
        `{ device(id: 1) { messages { ${names(4, 'payload')} } lastMessage { ${names(4, 'payload', 'b')} } } }`,
      ],
      ['with arguments', `{ ${names(50, 'device(id: 1) { id }')} }`],
    ])('is taken four times %s', (_what, text) => {
      expect(faults(text)).toEqual([]);
    });

    it.each([
      ['version', `{ brokerStats { ${names(5, 'version')} } }`],
      ['version', `{ brokerStats { version ${names(4, 'version')} } }`],
      ['__typename', `{ ${names(5, '__typename')} }`],
      [
        'payload',
        `subscription { ${messages} { ${names(3, 'payload')} ...F } } fragment F on DeviceMessage { ${names(2, 'payload', 'b')} }`,
      ],
      [
        'payload',
        `subscription { ${messages} { ${names(3, 'payload')} ... { ... { ${names(2, 'payload', 'b')} } } } }`,
      ],
      [
        'payload',
        `{ device(id: 1) { lastMessage { ${names(3, 'payload')} } lastMessage { ${names(3, 'payload', 'b')} } } }`,
      ],
      [
        'payload',
        `{ device(id: 1) { ...A ...B } } fragment A on Device { lastMessage { ${names(3, 'payload')} } } fragment B on Device { lastMessage { ${names(2, 'payload', 'b')} } }`,
      ],
    ])('is refused with one more: %s', (field, text) => {
      expect(faults(text)).toEqual([refused(field)]);
    });
  });

  describe('the device of a message under a subscription', () => {
    const device = (selection: string): string =>
      `subscription { ${messages} { device { ${selection} } } }`;
    const beyondMessage = (field: string): string =>
      `Under a subscription, "device" has only the fields "id", "lastSeenAt" and "lastMessage". Select "${field}" in a query.`;
    const deviceAgain =
      'Under a subscription, "lastMessage" is the message itself, and its "device" is the enclosing one: select the fields there.';
    const gapOfDevice =
      'Under a subscription, "gap" is what this subscription missed, and not a fact about the device: select it on the message, not on "lastMessage".';

    it.each([
      device('__typename id lastSeenAt lastMessage { __typename payload receivedAt position }'),
      device('online: id messages: lastSeenAt gap: lastMessage { device: deviceId gap: topic }'),
      `subscription { ${messages} { gap { missed } device { ...D } } }
       fragment D on Device { ... { id } lastMessage { ...M } } fragment M on DeviceMessage { payload }`,
      `subscription S { ${messages} { device { id } } } query Q { device(id: 1) { ...D } }
       fragment D on Device { online messages { device { online } gap { missed } } }`,
    ])('is taken as far as the message tells: %s', (text) => {
      expect(faults(text)).toEqual([]);
    });

    it.each([
      [device('online'), beyondMessage('online')],
      [device('id: online'), beyondMessage('online')],
      [device('messages { payload }'), beyondMessage('messages')],
      [device('lastMessage { device { id } }'), deviceAgain],
      [device('lastMessage { payload topic: gap { missed } }'), gapOfDevice],
      [device('online @include(if: false) id'), beyondMessage('online')],
      [device('... { ... on Device { online } }'), beyondMessage('online')],
      [`subscription { m: ${messages} { d: device { online } } }`, beyondMessage('online')],
      [
        `subscription { ...R } fragment R on Subscription { ... { ${messages} { ...M } } }
         fragment M on DeviceMessage { ... { device { ...D } } } fragment D on Device { online }`,
        beyondMessage('online'),
      ],
      [
        `subscription { ${messages} { ...M device { lastMessage { ...M } } } } fragment M on DeviceMessage { gap { missed } }`,
        gapOfDevice,
      ],
      [
        `query Q { device(id: 1) { ...D } } subscription S { ${messages} { device { ...D } } }
         fragment D on Device { lastMessage { device { id } } }`,
        deviceAgain,
      ],
    ])('is refused beyond that: %s', (text, message) => {
      expect(faults(text)).toEqual([message]);
      const checked = check(text);
      expect(!checked.ok && checked.errors[0]!.extensions['code']).toBe('BAD_USER_INPUT');
    });

    it('is called by its fault alone when a field does not exist', () => {
      expect(faults(device('nothing'))).toEqual(['Cannot query field "nothing" on type "Device".']);
    });

    it('does not count as a document that is too large', () => {
      const refused = vi.fn();
      expect(createDocumentCache(schema, { refused })(device('online')).ok).toBe(false);
      expect(refused).not.toHaveBeenCalled();
    });
  });

  it('takes a name of 256 characters, and refuses a longer one', () => {
    const document = (length: number): string =>
      `{ brokerStats { ${'n'.repeat(length)}: version } }`;
    expect(faults(document(256))).toEqual([]);
    expect(faults(document(257))).toEqual(['A name has 257 characters; at most 256 are allowed.']);
  });

  it('tells at most 20 errors', () => {
    expect(
      faults(`{ ${Array.from({ length: 200 }, (_, i) => `nothing${i}`).join(' ')} }`),
    ).toHaveLength(20);
  });

  it('tells apart what the document is to blame for and what we are', () => {
    const failed: unknown[] = [];
    const broken = buildSchema('type Query { a: Int }');
    const fault = new TypeError('a rule is broken');
    vi.spyOn(broken, 'getRootType').mockImplementation(() => {
      throw fault;
    });
    const checked = createDocumentCache(broken, { failed: (error) => failed.push(error) })('{ a }');
    expect(checked).toMatchObject({
      ok: false,
      errors: [{ message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    expect(failed).toEqual([fault]);
  });

  it('refuses a fragment bomb, and for its size alone', () => {
    const depth = 180;
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
      expect.stringMatching(/^The operation selects 1\.5\d*e\+54 fields/),
    ]);
  });

  it('refuses a document that is too large before any rule compares its fields with each other', () => {
    // Wrong in other ways too: of those it is not told.
    const fields = 'brokerStats { messagesDroppedByReason { nothing } } '.repeat(200);
    expect(faults(`{ ${fields} }`)).toEqual([
      'The operation selects 600 fields after its fragments are spread; at most 500 are allowed.',
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

  /** As when a second client has sent it. */
  function kept(keep: CheckDocument, text: string): CheckedDocument {
    keep(text);
    return keep(text);
  }

  it('gives one document to all who send one text, valid or not, from the second time on', () => {
    const keep = createDocumentCache(schema);
    expect(keep(document(1))).not.toBe(keep(document(1)));
    expect(keep(document(1))).toBe(keep(document(1)));
    expect(kept(keep, '{ nothing }')).toBe(keep('{ nothing }'));
    expect(keep(document(1))).not.toBe(kept(keep, `${document(1)} `));
  });

  it('keeps nothing of texts that come once', () => {
    const keep = createDocumentCache(schema, { maxBytes: 10_000 });
    const first = kept(keep, document(0));
    for (let i = 1; i < 500; i += 1) keep(document(i));
    expect(keep(document(0))).toBe(first);
  });

  it('has its own for each schema', () => {
    const other = createDocumentCache(buildSchema('type Query { other: Int }'));
    expect(other('{ other }').ok).toBe(true);
    expect(check('{ other }').ok).toBe(false);
  });

  it('keeps those that were used last, as far as there is memory for them', () => {
    const keep = createDocumentCache(schema, { maxBytes: 30_000 });
    const first = kept(keep, document(0));
    const second = kept(keep, document(1));
    let more = 2;
    // For as long as the second one is kept, of which each look would be a use.
    for (; more < 8; more += 1) kept(keep, document(more));
    expect(keep(document(0))).toBe(first);
    for (; more < 18; more += 1) kept(keep, document(more));
    expect(keep(document(0))).toBe(first);
    expect(keep(document(1))).not.toBe(second);
  });

  it('keeps no document that is larger than all that may be kept', () => {
    const keep = createDocumentCache(schema, { maxBytes: 30_000 });
    const atMost = document(0).padEnd(10_000);
    expect(kept(keep, atMost)).toBe(keep(atMost));
    const larger = document(0).padEnd(15_000);
    expect(kept(keep, larger)).not.toBe(keep(larger));
    expect(keep(larger).ok).toBe(true);
  });

  it('keeps where an error is, and not the document that it is in', () => {
    const keep = createDocumentCache(schema);
    const checked = keep('{\n  nothing }');
    if (checked.ok) throw new Error('it is not valid');
    const [error] = checked.errors;
    expect(error!.toJSON()).toMatchObject({ locations: [{ line: 2, column: 3 }] });
    expect(error!.nodes).toBeUndefined();
  });

  it('tells each time of a document that is too large, and of no other', () => {
    let refused = 0;
    const keep = createDocumentCache(schema, { refused: () => (refused += 1) });
    const tooLarge = [
      `{ ${'__typename '.repeat(501)} }`,
      `{ ${'n'.repeat(257)}: __typename }`,
      `{ ${'__typename,'.repeat(maxTokens)} }`,
      '{ __typename }'.padEnd(maxDocumentLength + 1),
      `{ a: __typename b: __typename c: __typename d: __typename e: __typename }`,
    ];
    for (let times = 1; times <= 3; times += 1) {
      for (const text of [...tooLarge, '{ nothing }', '{', document(1)]) keep(text);
      expect(refused).toBe(times * tooLarge.length);
    }
  });
});
