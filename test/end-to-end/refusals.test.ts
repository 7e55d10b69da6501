import { describe, expect, it } from 'vitest';
import { openEventStream } from '../support/event-stream.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { openProtocol } from '../support/graphql-transport-ws.ts';

interface Operation {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Record<string, unknown>;
}

interface Fault {
  readonly message: string;
  readonly extensions?: Record<string, unknown>;
}

function post(gateway: TestGateway, operation: Operation, accept: string): Promise<Response> {
  return fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(operation),
  });
}

/** How a client of each transport is told the errors of an operation that is not performed. */
const transports: [string, (gateway: TestGateway, operation: Operation) => Promise<Fault[]>][] = [
  [
    'graphql-transport-ws',
    async (gateway, { query, ...rest }) => {
      await using client = await openProtocol(gateway.webSocketUrl);
      client.subscribe('1', { query, ...rest });
      const [message, ...more] = await client.rest();
      expect(message).toMatchObject({ id: '1', type: 'error' });
      expect(more).toEqual([]);
      return message!.payload as Fault[];
    },
  ],
  [
    'server-sent events',
    async (gateway, operation) => {
      await using stream = await openEventStream(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(operation),
      });
      const [next, ...more] = await stream.rest();
      expect(more).toEqual([{ event: 'complete', data: '' }]);
      return errorsOf(JSON.parse(next!.data));
    },
  ],
  [
    'HTTP',
    async (gateway, operation) => {
      const response = await post(gateway, operation, 'application/graphql-response+json');
      expect(response.status).toBe(400);
      return errorsOf(await response.json());
    },
  ],
  [
    'HTTP with a status that tells nothing',
    async (gateway, operation) => {
      const response = await post(gateway, operation, 'application/json');
      expect(response.status).toBe(200);
      return errorsOf(await response.json());
    },
  ],
];

/** There is nothing beside the errors. */
function errorsOf(result: unknown): Fault[] {
  expect(Object.keys(result as object)).toEqual(['errors']);
  return (result as { errors: Fault[] }).errors;
}

const queryOf = 'query Q($name: String!) { __type(name: $name) { name } }';

const refusals: [string, string, Operation][] = [
  ['a syntax error', 'GRAPHQL_PARSE_FAILED', { query: 'query {' }],
  ['no document', 'GRAPHQL_PARSE_FAILED', { query: ' ' }],
  ['too many tokens', 'GRAPHQL_PARSE_FAILED', { query: `{ ${'a,'.repeat(10_000)} }` }],
  ['an unknown field', 'GRAPHQL_VALIDATION_FAILED', { query: '{ nothing }' }],
  ['a mutation', 'GRAPHQL_VALIDATION_FAILED', { query: 'mutation { __typename }' }],
  [
    'a document without an operation',
    'GRAPHQL_VALIDATION_FAILED',
    { query: 'fragment F on Query { __typename }' },
  ],
  ['too many fields', 'BAD_USER_INPUT', { query: `{ ${'__typename '.repeat(600)} }` }],
  [
    'several operations and no name',
    'OPERATION_RESOLUTION_FAILURE',
    { query: 'query A { __typename } query B { __typename }' },
  ],
  [
    'a name that is not there',
    'OPERATION_RESOLUTION_FAILURE',
    { query: '{ __typename }', operationName: 'Missing' },
  ],
  ['a variable that is missing', 'BAD_USER_INPUT', { query: queryOf }],
  ['a variable of a wrong type', 'BAD_USER_INPUT', { query: queryOf, variables: { name: 7 } }],
];

describe.each(transports)('over %s, a client is told the same of', (_transport, errorsFor) => {
  it.each(refusals)('%s: %s', async (_what, code, operation) => {
    await using gateway = await startTestGateway();
    // Twice: what is kept of a document must not be changed by telling it.
    for (let n = 0; n < 2; n += 1) {
      const errors = await errorsFor(gateway, operation);
      expect(errors.length).toBeGreaterThan(0);
      for (const { message, extensions } of errors) {
        expect(message).toMatch(/./);
        expect(extensions).toEqual({ code });
      }
    }
  });
});

it('tells each client the code alone, whichever transport came first', async () => {
  await using gateway = await startTestGateway();
  const operation = { query: '{ nothing }' };
  for (const [, errorsFor] of [...transports, ...transports.toReversed()]) {
    expect(await errorsFor(gateway, operation)).toEqual([
      {
        message: 'Cannot query field "nothing" on type "Query".',
        locations: [{ line: 1, column: 3 }],
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ]);
  }
});

it('has a clear text for a mutation', async () => {
  await using gateway = await startTestGateway();
  for (const [, errorsFor] of transports) {
    const [error] = await errorsFor(gateway, { query: 'mutation { __typename }' });
    expect(error!.message).toBe('There is no mutation in this schema.');
  }
});
