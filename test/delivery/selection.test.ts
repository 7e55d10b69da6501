import * as fc from 'fast-check';
import { contextOf } from '../support/schema-context.ts';
import { parse, subscribe, type ExecutionResult } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createSchema } from '../../schema/schema.ts';
import { createBroker } from '../../src/broker/broker.ts';
import { createDocumentCache } from '../../src/document/document-cache.ts';
import { compileSelection } from '../../src/delivery/compiled-selection.ts';
import { RawJson } from '../../src/kernel/raw-json.ts';
import type { SelectionRequest } from '../../src/delivery/selection-shape.ts';
import type { DeviceMessage } from '../../src/kernel/device-message.ts';
import { createMessages } from '../support/messages.ts';
import { selectionFor } from '../support/operation-services.ts';

const schema = createSchema();

/** More than are interpreted before a selection is compiled. */
const beyondCompilation = 40;
const payload =
  '{ "n":  1.0, "big": 12345678901234567890, "text": "\\u00e9\\ud800", "list": [1e400] }';
const check = createDocumentCache(schema);

interface Client {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

const root = 'deviceMessages(deviceIds: ["a"])';

const documents: Record<string, Client> = {
  'every field': {
    query: `subscription { ${root} { deviceId topic payload receivedAt position } }`,
  },
  'fields in another order': {
    query: `subscription { ${root} { position payload receivedAt topic deviceId } }`,
  },
  'aliases of fields': {
    query: `subscription { ${root} { id: deviceId again: deviceId body: payload at: receivedAt } }`,
  },
  'an alias that is the name of another field': {
    query: `subscription { ${root} { topic: deviceId deviceId: topic } }`,
  },
  'an alias of the root field': {
    query: `subscription { messages: ${root} { deviceId payload } }`,
  },
  'aliases that are names of Object.prototype': {
    query: `subscription { constructor: ${root} { toString: deviceId hasOwnProperty: topic toJSON: payload then: position } }`,
  },
  'an alias __proto__ of a field': {
    query: `subscription { ${root} { __proto__: deviceId topic } }`,
  },
  'an alias __proto__ of the root field': {
    query: `subscription { __proto__: ${root} { deviceId } }`,
  },
  __typename: { query: `subscription { ${root} { __typename kind: __typename deviceId } }` },
  'the device of a message': {
    query: `subscription { ${root} { device { __typename id lastSeenAt lastMessage { payload receivedAt retained } } } }`,
  },
  'the device of a message, beside a gap, under aliases and in fragments': {
    query: `subscription ($x: Boolean = false) { ${root} { gap { missed reason } ...M d: device { id } device { seen: lastSeenAt @skip(if: $x) } } }
      fragment M on DeviceMessage { device { ...D } } fragment D on Device { lastMessage { again: payload ... { topic } } id }`,
  },
  'repeated fields': {
    query: `subscription { ${root} { topic deviceId topic payload deviceId } }`,
  },
  'a repeated root field': {
    query: `subscription { ${root} { topic } ${root} { deviceId topic payload } }`,
  },
  'a fragment on DeviceMessage': {
    query: `subscription { ${root} { topic ...Parts position } } fragment Parts on DeviceMessage { payload deviceId topic }`,
  },
  'a fragment on Subscription': {
    query: `subscription { ...Root } fragment Root on Subscription { ${root} { payload } }`,
  },
  'fragments inside fragments': {
    query: `subscription { ...A }
      fragment C on DeviceMessage { receivedAt ...D }
      fragment D on DeviceMessage { at: receivedAt payload }
      fragment A on Subscription { ...B }
      fragment B on Subscription { m: ${root} { ...C topic ...D } }`,
  },
  'inline fragments, with a type and without': {
    query: `subscription { ... on Subscription { ... { ${root} { ... { topic } ... on DeviceMessage { deviceId ... { payload } } } } } }`,
  },
  '@include and @skip with literals': {
    query: `subscription { ${root} { deviceId @include(if: false) topic @skip(if: false) payload @skip(if: true) position @include(if: true) } }`,
  },
  'a root field included by a literal': {
    query: `subscription { ${root} @include(if: true) { deviceId } }`,
  },
  '@include and @skip on the same field': {
    query: `subscription { ${root} { deviceId @include(if: true) @skip(if: true) topic @include(if: true) @skip(if: false) } }`,
  },
  'a repeated field whose first occurrence is left out': {
    query: `subscription ($x: Boolean!) { ${root} { topic @include(if: $x) deviceId topic } }`,
    variables: { x: false },
  },
  'a fragment that is spread twice, and left out once': {
    query: `subscription ($x: Boolean!) { ${root} { ... @skip(if: false) { ...F @include(if: $x) deviceId } ...F } } fragment F on DeviceMessage { payload deviceId topic }`,
    variables: { x: false },
  },
  'a variable of another operation in a directive': {
    query: `subscription One { ${root} { topic } } subscription Two($x: Boolean!) { ${root} { deviceId @skip(if: $x) } }`,
    operationName: 'One',
  },
  'nothing left': { query: `subscription { ${root} { deviceId @skip(if: true) } }` },
  'nothing left in a fragment': {
    query: `subscription { ${root} { ... @skip(if: true) { deviceId } } }`,
  },
  'a variable that includes': {
    query: `subscription ($x: Boolean!) { ${root} { deviceId payload @include(if: $x) } }`,
    variables: { x: true },
  },
  'a variable that excludes': {
    query: `subscription ($x: Boolean!) { ${root} { deviceId payload @include(if: $x) } }`,
    variables: { x: false },
  },
  'a default that counts': {
    query: `subscription ($x: Boolean! = false) { ${root} { deviceId payload @include(if: $x) topic @skip(if: $x) } }`,
  },
  'a default that is overruled': {
    query: `subscription ($x: Boolean! = false) { ${root} { deviceId payload @include(if: $x) topic @skip(if: $x) } }`,
    variables: { x: true },
  },
  'a default of a variable that may be null': {
    query: `subscription ($x: Boolean = true) { ${root} { deviceId payload @include(if: $x) } }`,
  },
  'variables on fragments and inside them': {
    query: `subscription ($x: Boolean!, $y: Boolean = true) { ${root} { ...F @include(if: $x) ... @skip(if: $x) { topic } ... on DeviceMessage @include(if: $y) { position } } }
      fragment F on DeviceMessage { deviceId payload @skip(if: $y) }`,
    variables: { x: true, y: false },
  },
  'arguments out of variables': {
    query: `subscription ($ids: [ID!]!, $max: Int = 3, $policy: OverflowPolicy) { deviceMessages(deviceIds: $ids, maxQueued: $max, overflow: $policy) { payload } }`,
    variables: { ids: ['a', 'b'], policy: 'LATEST' },
  },
  'variables that nobody declared': {
    query: `subscription { ${root} { deviceId } }`,
    variables: { surplus: { deep: [1] } },
  },
  'the second of two operations': {
    query: `subscription One { ${root} { deviceId } } subscription Two { two: ${root} { topic } }`,
    operationName: 'Two',
  },
  'the first of two operations': {
    query: `query Two { brokerStats { version } } subscription One { ${root} { ...F } } fragment F on DeviceMessage { deviceId }`,
    operationName: 'One',
  },
  'the only operation, by its name': {
    query: `subscription One { ${root} { deviceId } }`,
    operationName: 'One',
  },
};

describe('a selection', () => {
  it.each(Object.entries(documents))(
    'gives what a subscription of its own gives: %s',
    async (_name, client) => {
      const texts = await bothTexts(client);
      expect(texts.shared).toEqual(texts.alone);
    },
  );

  it.each(Object.entries(documents).filter(([, { query }]) => !query.includes('__proto__')))(
    'is compiled: %s',
    (_name, client) => {
      expect(compileSelection(schema, requestOf(client))).toBeTypeOf('function');
    },
  );

  it('gives the error that a subscription of its own gives for a null in @include', async () => {
    const texts = await bothTexts({
      query: `subscription ($x: Boolean = true) { ${root} { deviceId payload @include(if: $x) } }`,
      variables: { x: null },
    });
    expect(texts.alone[0]).toContain('must not be null');
    expect(texts.shared).toEqual(texts.alone);
  });

  it('writes the payload as the device spelled it, interpreted and compiled', () => {
    const selection = selectionFor(requestOf({ query: `subscription { ${root} { payload } }` }));
    const next = createMessages();
    const texts = Array.from({ length: beyondCompilation }, () =>
      selection.text(next('a', payload), null),
    );
    expect(new Set(texts)).toEqual(new Set([`{"data":{"deviceMessages":{"payload":${payload}}}}`]));
  });

  it('tells of a device what its message tells, interpreted and compiled', () => {
    const selection = selectionFor(
      requestOf({
        query: `subscription { ${root} { device { id lastSeenAt lastMessage { payload } } } }`,
      }),
    );
    const next = createMessages();
    const tell = (receivedAt: number, retained: boolean): unknown =>
      JSON.parse(selection.text(next('a', `${receivedAt}`, { receivedAt, retained }), null));
    const told = (receivedAt: number, seenAt: number | null): unknown => ({
      data: {
        deviceMessages: {
          device: {
            id: 'a',
            lastSeenAt: seenAt === null ? null : new Date(seenAt).toISOString(),
            lastMessage: { payload: receivedAt },
          },
        },
      },
    });
    expect(tell(1, true)).toEqual(told(1, null));
    for (let at = 2; at < 2 + beyondCompilation; at += 2) {
      expect(tell(at, false)).toEqual(told(at, at));
      expect(tell(at + 1, true)).toEqual(told(at + 1, at));
    }
  });

  it('gives what a subscription of its own gives, whatever is selected', async () => {
    await fc.assert(
      fc.asyncProperty(anyClient, async (client) => {
        fc.pre(check(client.query).ok);
        const texts = await bothTexts(client);
        expect(texts.shared).toEqual(texts.alone);
      }),
      { numRuns: 60 },
    );
  });
});

function requestOf({ query, operationName, variables }: Client): SelectionRequest {
  const checked = check(query);
  if (!checked.ok) throw new Error(`${checked.errors[0]!.message} in ${query}`);
  return { document: checked.document, operationName, variables };
}

/** What a selection says of some messages, and what graphql-js says to one subscriber with nobody beside it. */
async function bothTexts(client: Client): Promise<{ shared: string[]; alone: string[] }> {
  const next = createMessages();
  // The first is retained, so that its device was never seen, and so is every third after it.
  const messages = Array.from({ length: beyondCompilation }, (_, index) =>
    next('a', index % 2 === 0 ? payload : String(index), {
      receivedAt: Date.UTC(2026, 2, 2) + index,
      retained: index % 3 === 0,
    }),
  );
  const selection = selectionFor(requestOf(client));
  return {
    shared: messages.map((message) => selection.text(message, null)),
    alone: await textsAlone(client, messages),
  };
}

async function textsAlone(client: Client, messages: readonly DeviceMessage[]): Promise<string[]> {
  const broker = createBroker({ queueSize: beyondCompilation, overflow: 'DISCONNECT' });
  const contextValue = contextOf(broker, {
    limits: { maxDeviceIds: 10, queueSize: beyondCompilation },
  });
  const results = await subscribe({
    schema,
    document: parse(client.query),
    operationName: client.operationName ?? null,
    variableValues: client.variables ?? null,
    contextValue,
  });
  if (!(Symbol.asyncIterator in results)) {
    throw new Error(`refused: ${JSON.stringify(results)}`);
  }
  const texts: string[] = [];
  for (const message of messages) {
    const result = results.next();
    broker.publish(message);
    texts.push(textOf((await result).value as ExecutionResult));
  }
  await results.return(undefined);
  return texts;
}

/** `JSON.stringify`, and the text of each raw value put in afterwards. */
function textOf(result: ExecutionResult): string {
  const raw: string[] = [];
  const text = JSON.stringify(result, function replace(this: unknown, key: string, value: unknown) {
    const original = (this as Record<string, unknown>)[key];
    return original instanceof RawJson ? `raw value ${raw.push(original.text) - 1}` : value;
  });
  return text.replaceAll(/"raw value (\d+)"/g, (_match, index: string) => raw[Number(index)]!);
}

const anyDirective = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('include', 'skip'),
        fc.constantFrom('true', 'false', '$needed', '$given', '$omitted'),
      )
      .map(([name, value]) => `@${name}(if: ${value})`),
  },
);

const anyField = fc
  .tuple(
    fc.constantFrom('', '', '', 'x: ', 'y: ', 'constructor: ', '__proto__: ', 'topic: '),
    fc.constantFrom('deviceId', 'topic', 'payload', 'receivedAt', 'position', '__typename'),
    anyDirective,
  )
  .map((parts) => parts.join(' '));

/** The device of a message, with some of what may be selected of it. */
const anyDevice = fc
  .tuple(
    fc.constantFrom('', '', 'd: '),
    anyDirective,
    fc.array(
      fc
        .tuple(
          fc.constantFrom('', '', '', '__proto__: '),
          fc.oneof(
            fc.constantFrom('id', 'lastSeenAt', '__typename'),
            fc
              .array(anyField, { minLength: 1, maxLength: 3 })
              .map((fields) => `lastMessage { ${fields.join(' ')} }`),
          ),
          anyDirective,
        )
        .map(([alias, field, directive]) => {
          const at = field.indexOf(' {');
          return at === -1
            ? `${alias}${field} ${directive}`
            : `${alias}${field.slice(0, at)} ${directive}${field.slice(at)}`;
        }),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([alias, directive, fields]) => `${alias}device ${directive} { ${fields.join(' ')} }`);

const fragmentNames = ['F', 'G'] as const;

const { selections: anySelections } = fc.letrec<{ selections: string; selection: string }>(
  (tie) => ({
    selections: fc
      .array(tie('selection'), { minLength: 1, maxLength: 5 })
      .map((selections) => `{ ${selections.join(' ')} }`),
    selection: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 5, arbitrary: anyField },
      { weight: 1, arbitrary: anyDevice },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom(...fragmentNames), anyDirective)
          .map(([name, directive]) => `...${name} ${directive}`),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom('...', '... on DeviceMessage'), anyDirective, tie('selections'))
          .map((parts) => parts.join(' ')),
      },
    ),
  }),
);

/** A valid document more often than not; `$omitted` has its default and `$given` overrules it. */
const anyClient: fc.Arbitrary<Client> = fc
  .record({
    root: fc.constantFrom('', 'm: ', '__proto__: '),
    inFragment: fc.boolean(),
    selections: anySelections,
    repeated: fc.option(anySelections, { nil: undefined }),
    f: fc.array(fc.oneof({ weight: 4, arbitrary: anyField }, { weight: 1, arbitrary: anyDevice }), {
      minLength: 1,
      maxLength: 3,
    }),
    g: fc.array(fc.oneof(anyField, fc.constant('...F')), { minLength: 1, maxLength: 3 }),
    needed: fc.boolean(),
    given: fc.boolean(),
  })
  .map(({ root: alias, inFragment, selections, repeated, f, g, needed, given }) => {
    const fields = [selections, ...(repeated === undefined ? [] : [repeated])]
      .map((each) => `${alias}${root} ${each}`)
      .join(' ');
    const fragments = new Map([
      ['F', `fragment F on DeviceMessage { ${f.join(' ')} }`],
      ['G', `fragment G on DeviceMessage { ${g.join(' ')} }`],
      ['Root', `fragment Root on Subscription { ${fields} }`],
    ]);
    const body = inFragment ? '{ ...Root }' : `{ ${fields} }`;
    const parts = [body];
    // What is not used may not be there: fragments and variables.
    const queue = [body];
    for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
      for (const [, name] of part.matchAll(/\.\.\.(F|G|Root)\b/g)) {
        const fragment = fragments.get(name!);
        if (fragment === undefined) continue;
        fragments.delete(name!);
        parts.push(fragment);
        queue.push(fragment);
      }
    }
    const text = parts.join('\n');
    const definitions = [
      '$needed: Boolean!',
      '$given: Boolean = true',
      '$omitted: Boolean! = false',
    ].filter((definition) => text.includes(`if: ${definition.slice(0, definition.indexOf(':'))}`));
    const head =
      definitions.length === 0 ? 'subscription' : `subscription (${definitions.join(', ')})`;
    return { query: `${head} ${text}`, variables: { needed, given } };
  });
