import { GraphQLError } from 'graphql';
import { jsonMediaType } from '../http/accept.ts';
import type { OperationStreamKind } from './operation-stream-kind.ts';
import { respondJson } from '../http/respond.ts';

const noBytes = Buffer.alloc(0);
const delimiter = '\r\n--graphql';
/** Added to a delimiter, it marks the last one. */
const closing = '--\r\n';

/**
 * Clients process a part when they read the delimiter after it, so the delimiter is
 * sent together with the part and not with the next one. It cannot occur in a part:
 * JSON has no line break inside a string, and no `--` outside. Line breaks in a part
 * are `\n`, as in events, because Apollo iOS treats any empty line that ends with
 * `\r\n` as the end of the headers.
 */
function part(json: string): string {
  const lines = json.includes('\r') ? json.replaceAll(/\r\n?/g, '\n') : json;
  return `\r\nContent-Type: application/json\r\n\r\n${lines}${delimiter}`;
}

/** An end that no client treats as regular completion: Apollo Client's RetryLink reconnects after it. */
function fatal(error: GraphQLError): string {
  return part(JSON.stringify({ payload: null, errors: [error.toJSON()] }));
}

const shuttingDown = new GraphQLError('The gateway is shutting down: subscribe again.', {
  extensions: { code: 'SHUTTING_DOWN' },
});

/**
 * Apollo's multipart subscriptions: one operation per response, a part for each result,
 * an empty object as a keep-alive.
 *
 * A subscription that a resolver refuses is one result with errors, which Apollo Client
 * shows as errors of the operation.
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
    // GraphQL over HTTP: errors in application/json have status 200, because any intermediary may
    // answer with JSON; clients do not read GraphQL from a 400 in application/json.
    const mediaType = jsonMediaType(request);
    respondJson(
      response,
      mediaType === 'application/json' ? 200 : 400,
      { errors: errors.map((error) => error.toJSON()) },
      mediaType,
    );
  },
};
