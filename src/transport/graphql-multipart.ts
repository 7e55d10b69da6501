import { GraphQLError } from 'graphql';
import type { OperationStreamKind } from './graphql-stream.ts';
import { respondJson } from './respond.ts';

const noBytes = Buffer.alloc(0);
const delimiter = '\r\n--graphql';
/** Behind a delimiter, it makes that the last one. */
const closing = '--\r\n';

/**
 * Clients take a part when they read the delimiter behind it, so that is sent
 * along with the part and not with the next one. It can't occur in a part:
 * JSON has no line break inside a string, and no `--` outside.
 */
function part(json: string): string {
  return `\r\nContent-Type: application/json\r\n\r\n${json}${delimiter}`;
}

/** What no client takes for an end of its own accord: Apollo Client's RetryLink comes back after it. */
function fatal(error: GraphQLError): string {
  return part(JSON.stringify({ payload: null, errors: [error.toJSON()] }));
}

const shuttingDown = new GraphQLError('The gateway is shutting down: subscribe again.', {
  extensions: { code: 'SHUTTING_DOWN' },
});

/**
 * Apollo's multipart subscriptions: one operation a response, a part for each
 * result, an empty object for a sign of life.
 *
 * A subscription that a resolver refuses is one result with errors, which is
 * what Apollo Client shows as errors of the operation.
 */
export const graphqlMultipart: OperationStreamKind = {
  name: 'multipart',
  form: {
    contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
    opening: () => delimiter + part('{}'),
    keepAlive: part('{}'),
    goingAway: fatal(shuttingDown) + closing,
  },
  wire: { encode: (text) => Buffer.from(part(`{"payload":${text}}`)) },
  head: () => noBytes,
  next: (result) => part(`{"payload":${result}}`),
  failed: fatal,
  complete: closing,
  refuse({ headers: { accept = '' } }, response, errors) {
    const body = { errors: errors.map((error) => error.toJSON()) };
    if (accept.includes('application/graphql-response+json')) {
      respondJson(response, 400, body, 'application/graphql-response+json');
    } else {
      // GraphQL over HTTP: in application/json, which anything on the way may have said, errors
      // have status 200; clients read no GraphQL out of a 400 that is.
      respondJson(response, accept.includes('application/json') ? 200 : 400, body);
    }
  },
};
