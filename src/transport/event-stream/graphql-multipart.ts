import { GraphQLError } from 'graphql';
import { jsonMediaType } from '../http/accept.ts';
import type { OperationStreamKind } from './operation-stream-kind.ts';
import { respondJson } from '../http/respond.ts';

const noBytes = Buffer.alloc(0);
const delimiter = '\r\n--graphql';
/** Behind a delimiter, it makes that the last one. */
const closing = '--\r\n';

/**
 * Clients take a part when they read the delimiter behind it, so that is sent
 * along with the part and not with the next one. It can't occur in a part:
 * JSON has no line break inside a string, and no `--` outside. Its line breaks
 * are `\n`, as in events: Apollo iOS takes an empty line that ends with `\r\n`
 * for the end of the headers, wherever it is.
 */
function part(json: string): string {
  const lines = json.includes('\r') ? json.replaceAll(/\r\n?/g, '\n') : json;
  return `\r\nContent-Type: application/json\r\n\r\n${lines}${delimiter}`;
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
  transport: 'multipart',
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
  refuse({ request, response }, errors) {
    // GraphQL over HTTP: in application/json, which anything on the way may have said, errors
    // have status 200; clients read no GraphQL out of a 400 that is.
    const mediaType = jsonMediaType(request);
    respondJson(
      response,
      mediaType === 'application/json' ? 200 : 400,
      { errors: errors.map((error) => error.toJSON()) },
      mediaType,
    );
  },
};
