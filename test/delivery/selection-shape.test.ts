import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createSchema } from '../../schema/schema.ts';
import { createSelections } from '../../src/delivery/selections.ts';
import { createHolder } from '../support/holder.ts';
import { granted, selectionFor } from '../support/operation-services.ts';
import { selectionOf, type SelectionRequest } from '../../src/delivery/selection-shape.ts';

const schema = createSchema();

type Variables = Readonly<Record<string, unknown>> | null;

function request(query: string, variables?: Variables, operationName?: string): SelectionRequest {
  return { document: parse(query), operationName, variables };
}

function keyOf(given: SelectionRequest): string {
  return selectionOf(schema, given).key;
}

const root = 'deviceMessages(deviceIds: ["a"])';
const choosing = `subscription ($x: Boolean = true) { ${root} { deviceId topic @include(if: $x) } }`;

const shared: Record<string, readonly [SelectionRequest, SelectionRequest]> = {
  'arguments of the root field': [
    request('subscription { deviceMessages(deviceIds: ["a"]) { topic } }'),
    request('subscription { deviceMessages(deviceIds: ["b"], overflow: LATEST) { topic } }'),
  ],
  'variables in those arguments': [
    request('subscription ($ids: [ID!]!) { deviceMessages(deviceIds: $ids) { topic } }', {
      ids: ['a'],
    }),
    request('subscription ($devices: [ID!]!) { deviceMessages(deviceIds: $devices) { topic } }', {
      devices: ['b', 'c'],
    }),
  ],
  'arguments inside fragments on the root': [
    request(
      'subscription { ...R } fragment R on Subscription { ... { deviceMessages(deviceIds: ["a"]) { topic } } }',
    ),
    request(
      'subscription { ...R } fragment R on Subscription { ... { deviceMessages(deviceIds: ["b"]) { topic } } }',
    ),
  ],
  'the name of the operation': [
    request(`subscription One { ${root} { topic } }`),
    request(`subscription Two { ${root} { topic } }`, null, 'Two'),
  ],
  'white space and comments': [
    request(`subscription { ${root} { topic deviceId } }`),
    request(`subscription{${root}{topic,deviceId #both\n}}`),
  ],
  'a variable that the selection does not use': [
    request(
      `subscription ($n: Int) { deviceMessages(deviceIds: ["a"], maxQueued: $n) { topic } }`,
      {
        n: 1,
      },
    ),
    request(
      `subscription ($n: Int) { deviceMessages(deviceIds: ["a"], maxQueued: $n) { topic } }`,
      {
        n: 2,
      },
    ),
  ],
  'a value that nobody declared': [request(choosing, { surplus: 1 }), request(choosing, null)],
  'other operations of the document': [
    request(
      `subscription One { ${root} { topic } } query Q { brokerStats { version } }`,
      null,
      'One',
    ),
    request(`subscription { ${root} { topic } }`),
  ],
  'the order in which fragments are defined': [
    request(
      `subscription { ${root} { ...A ...B } } fragment A on DeviceMessage { topic } fragment B on DeviceMessage { deviceId }`,
    ),
    request(
      `fragment B on DeviceMessage { deviceId } fragment A on DeviceMessage { topic } subscription { ${root} { ...A ...B } }`,
    ),
  ],
};

const separate: Record<string, readonly [SelectionRequest, SelectionRequest]> = {
  'fields selected': [
    request(`subscription { ${root} { topic } }`),
    request(`subscription { ${root} { deviceId } }`),
  ],
  'the order of fields': [
    request(`subscription { ${root} { topic deviceId } }`),
    request(`subscription { ${root} { deviceId topic } }`),
  ],
  'an alias of a field': [
    request(`subscription { ${root} { topic } }`),
    request(`subscription { ${root} { t: topic } }`),
  ],
  'an alias of the root field': [
    request(`subscription { ${root} { topic } }`),
    request(`subscription { m: ${root} { topic } }`),
  ],
  'the value of a variable in a directive': [
    request(choosing, { x: true }),
    request(choosing, { x: false }),
  ],
  'a variable left to its default, and null': [
    request(choosing, {}),
    request(choosing, { x: null }),
  ],
  'the default of a variable': [request(choosing), request(choosing.replace('= true', '= false'))],
  'a literal in a directive': [
    request(`subscription { ${root} { deviceId topic @skip(if: true) } }`),
    request(`subscription { ${root} { deviceId topic @skip(if: false) } }`),
  ],
  'which directive it is': [
    request(`subscription { ${root} { deviceId topic @skip(if: true) } }`),
    request(`subscription { ${root} { deviceId topic @include(if: true) } }`),
  ],
  'a variable used in a fragment of a fragment': ([true, false] as const).map((x) =>
    request(
      `subscription ($x: Boolean!) { ${root} { ...A } } fragment A on DeviceMessage { ...B } fragment B on DeviceMessage { deviceId topic @skip(if: $x) }`,
      { x },
    ),
  ) as [SelectionRequest, SelectionRequest],
  'a directive on a spread': ([true, false] as const).map((x) =>
    request(
      `subscription ($x: Boolean!) { ${root} { deviceId ...A @include(if: $x) } } fragment A on DeviceMessage { topic }`,
      { x },
    ),
  ) as [SelectionRequest, SelectionRequest],
  'the fields of a fragment': [
    request(`subscription { ${root} { ...A } } fragment A on DeviceMessage { topic }`),
    request(`subscription { ${root} { ...A } } fragment A on DeviceMessage { deviceId }`),
  ],
  'the fields of a fragment on the root': [
    request(`subscription { ...A } fragment A on Subscription { ${root} { topic } }`),
    request(`subscription { ...A } fragment A on Subscription { ${root} { deviceId } }`),
  ],
  'which operation of one text': [
    request(
      `subscription A { ${root} { topic } } subscription B { ${root} { deviceId } }`,
      null,
      'A',
    ),
    request(
      `subscription A { ${root} { topic } } subscription B { ${root} { deviceId } }`,
      null,
      'B',
    ),
  ],
  'which of two variables has the value': [
    request(
      `subscription ($x: Boolean = true, $y: Boolean = true) { ${root} { topic @skip(if: $x) deviceId @skip(if: $y) } }`,
      { x: false },
    ),
    request(
      `subscription ($x: Boolean = true, $y: Boolean = true) { ${root} { topic @skip(if: $x) deviceId @skip(if: $y) } }`,
      { y: false },
    ),
  ],
};

describe('the key of a selection', () => {
  it.each(Object.entries(shared))('does not depend on %s', (_what, [one, other]) => {
    expect(keyOf(one)).toBe(keyOf(other));
  });

  it.each(Object.entries(separate))('depends on %s', (_what, [one, other]) => {
    expect(keyOf(one)).not.toBe(keyOf(other));
  });

  it('tells the operations of one document object apart, in either order', () => {
    const document = parse(
      `subscription A { ${root} { topic } } subscription B { ${root} { deviceId } }`,
    );
    const of = (operationName: string): string => keyOf({ document, operationName });
    const [a, b] = [of('A'), of('B')];
    expect(a).not.toBe(b);
    expect(of('A')).toBe(a);
    expect(of('B')).toBe(b);
  });
});

describe('createSelections', () => {
  const holder = createHolder();
  const topics = (deviceId: string): SelectionRequest =>
    request(`subscription { deviceMessages(deviceIds: ["${deviceId}"]) { topic } }`);

  it('gives one selection to all whose results are the same', () => {
    const selections = createSelections(schema);
    expect(selections.acquire(topics('a'), holder)).toBe(selections.acquire(topics('b'), holder));
    expect(selections.size).toBe(1);
  });

  it('gives another selection to whom the results differ', () => {
    const selections = createSelections(schema);
    const included = granted(selections.acquire(request(choosing, { x: true }), holder));
    expect(selections.acquire(request(choosing, { x: false }), holder)).not.toBe(included);
    expect(selections.size).toBe(2);
  });

  it('keeps a selection until its last user has released it', () => {
    const selections = createSelections(schema);
    const selection = granted(selections.acquire(topics('a'), holder));
    selections.acquire(topics('b'), holder);
    selections.release(selection, holder);
    expect(selections.size).toBe(1);
    expect(selections.acquire(topics('c'), holder)).toBe(selection);
    selections.release(selection, holder);
    selections.release(selection, holder);
    expect(selections.size).toBe(0);
  });

  it('makes a new selection after the last release, which releases of the old one do not touch', () => {
    const selections = createSelections(schema);
    const old = granted(selections.acquire(topics('a'), holder));
    selections.release(old, holder);
    const fresh = selections.acquire(topics('a'), holder);
    expect(fresh).not.toBe(old);
    selections.release(old, holder);
    expect(selections.size).toBe(1);
    expect(selections.acquire(topics('a'), holder)).toBe(fresh);
  });

  it('has one rendering for each kind of connection', () => {
    const selection = selectionFor(topics('a'));
    const one = { encode: (text: string) => Buffer.from(text) };
    const other = { encode: (text: string) => Buffer.from(text) };
    expect(selection.rendering(one)).toBe(selection.rendering(one));
    expect(selection.rendering(one)).not.toBe(selection.rendering(other));
  });
});
