import { buildSchema, OperationTypeNode, type ExecutionResult } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createSchema } from '../../schema/schema.ts';
import { createDocumentCache } from '../../src/document/document-cache.ts';
import { prepareOperation, type OperationRequest } from '../../src/document/operation.ts';

const schema = createSchema();

const check = createDocumentCache(schema);
const prepare = (request: OperationRequest) => prepareOperation(check, request);

const following = 'subscription { deviceMessages(deviceIds: ["a"]) { deviceId } }';
const two =
  'query Stats { brokerStats { version } } subscription Watch { brokerStats { version } }';

/** The messages and the codes of the errors of what was refused. */
function refusals(errors: ExecutionResult['errors']): [string, unknown][] {
  return (errors ?? []).map(({ message, extensions }) => [message, extensions['code']]);
}

describe('prepareOperation', () => {
  it.each([
    ['a query', '{ brokerStats { version } }', OperationTypeNode.QUERY],
    ['a subscription', following, OperationTypeNode.SUBSCRIPTION],
  ])('tells what kind of operation it is: %s', (_what, query, type) => {
    expect(prepare({ query })).toEqual({
      ok: true,
      operation: { type, document: expect.anything(), operationName: null, variables: null },
    });
  });

  it('refuses a mutation that came by a method which changes nothing', () => {
    const withMutation = buildSchema('type Query { a: Int } type Mutation { b: Int }');
    const checkIt = createDocumentCache(withMutation);
    const request = { query: 'mutation { b }' };
    expect(prepareOperation(checkIt, request)).toMatchObject({ ok: true });
    expect(prepareOperation(checkIt, { ...request, isSafe: true })).toMatchObject({
      ok: false,
      errors: [{ extensions: { code: 'METHOD_NOT_ALLOWED' } }],
    });
    expect(prepareOperation(checkIt, { query: '{ a }', isSafe: true })).toMatchObject({ ok: true });
  });

  it('picks the operation that is named', () => {
    for (const [operationName, type] of [
      ['Stats', 'query'],
      ['Watch', 'subscription'],
    ]) {
      const prepared = prepare({ query: two, operationName });
      expect(prepared).toMatchObject({ ok: true, operation: { type, operationName } });
    }
  });

  it('keeps the variables that the operation declares, and no others', () => {
    const query = `
      query A($a: Boolean!, $b: Boolean = true) { x: __typename @skip(if: $a) @include(if: $b) }
      query B($__proto__: Boolean!) { __typename @skip(if: $__proto__) }`;
    const variables = JSON.parse('{"a":true,"c":1,"__proto__":true,"toString":7}') as object;
    const kept = (operationName: string): string => {
      const prepared = prepare({ query, operationName, variables: { ...variables } });
      return JSON.stringify(prepared.ok && prepared.operation.variables);
    };
    expect(kept('A')).toBe('{"a":true}');
    expect(kept('B')).toBe('{"__proto__":true}');
  });

  it.each([
    [
      'no name for several operations',
      { query: two },
      'The document has several operations: name one in operationName.',
    ],
    [
      'a name that is not there',
      { query: two, operationName: 'watch' },
      'The document has no operation named "watch".',
    ],
    [
      'an empty name, which is none',
      { query: two, operationName: '' },
      'The document has several operations: name one in operationName.',
    ],
    [
      'a name for the one operation that has none',
      { query: following, operationName: 'Watch' },
      'The document has no operation named "Watch".',
    ],
  ])('refuses %s', (_what, request, message) => {
    const prepared = prepare(request);
    if (prepared.ok) throw new Error('it was taken');
    expect(refusals(prepared.errors)).toEqual([[message, 'OPERATION_RESOLUTION_FAILURE']]);
  });

  it.each([
    ['what is no GraphQL', 'subscription {', /^Syntax Error/, 'GRAPHQL_PARSE_FAILED'],
    [
      'what the schema does not have',
      '{ nothing }',
      /Cannot query field "nothing"/,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a mutation, for there is none',
      'mutation { __typename }',
      /There is no mutation in this schema/,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a mutation among others',
      'query A { __typename } mutation B { b }',
      /There is no mutation in this schema/,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a root field that is skipped',
      'subscription { deviceMessages(deviceIds: ["a"]) @skip(if: true) { deviceId } }',
      /nothing to subscribe to/,
      'BAD_USER_INPUT',
    ],
    [
      'a root field that is not included',
      'subscription { ...A } fragment A on Subscription { ...B ...B @include(if: false) } fragment B on Subscription { ... @include(if: false) { deviceMessages(deviceIds: ["a"]) { deviceId } } }',
      /nothing to subscribe to/,
      'BAD_USER_INPUT',
    ],
  ])('refuses %s', (_what, query, message, code) => {
    const prepared = prepare({ query });
    if (prepared.ok) throw new Error('it was taken');
    expect(refusals(prepared.errors)).toEqual([[expect.stringMatching(message), code]]);
  });

  it.each([
    'subscription { deviceMessages(deviceIds: ["a"]) @include(if: true) @skip(if: false) { deviceId } }',
    'subscription { ... @skip(if: true) { deviceMessages(deviceIds: ["a"]) { deviceId } } deviceMessages(deviceIds: ["a"]) { topic } }',
    'subscription { ...A @skip(if: true) ...A } fragment A on Subscription { deviceMessages(deviceIds: ["a"]) { deviceId } }',
  ])('takes a root field that directives leave there: %s', (query) => {
    expect(prepare({ query }).ok).toBe(true);
  });
});
