import { OperationTypeNode } from 'graphql';
import { limitExceeded } from '../../../schema/errors.ts';
import { refusal, type Answer } from '../../delivery/answer.ts';
import { deliver, type Outcome } from '../../delivery/outcome.ts';
import { methodNotAllowed, prepareOperation } from '../../document/operation.ts';
import { performOperation } from '../../delivery/perform-operation.ts';
import { jsonMediaType, type JsonMediaType } from './accept.ts';
import { createCompressor, encodingOf, minCompressedBytes } from './content-encoding.ts';
import type { Exchange } from './endpoint.ts';
import {
  readGraphqlRequest,
  RequestAborted,
  RequestError,
  type ReadRequest,
} from './graphql-request.ts';
import { respondJson, respondText } from './respond.ts';
import { schemaContext, type TransportContext } from '../transport-context.ts';

/** GraphQL over HTTP for operations with a single answer, as its specification defines. */
export interface GraphqlHttp {
  serve(exchange: Exchange): Promise<void>;
  /** Answers a request whose body was read before. The caller releases it. */
  serveRead(exchange: Exchange, read: ReadRequest): Promise<void>;
}

export function createGraphqlHttp(context: TransportContext): GraphqlHttp {
  const { check, turns, unread } = context;
  const compress = createCompressor();

  async function serveRead(
    { request, response, connection }: Exchange,
    read: ReadRequest,
  ): Promise<void> {
    const mediaType = jsonMediaType(request);
    if (mediaType === undefined) {
      throw new RequestError(
        406,
        'An answer is application/graphql-response+json or application/json; a stream is text/event-stream or multipart/mixed;subscriptionSpec=1.0.',
      );
    }
    const answer = await turns.run(connection, () => {
      // The client may have gone while the operation waited for its turn.
      if (response.destroyed) throw new RequestAborted();
      const prepared = prepareOperation(check, read.parse().operation);
      if (!prepared.ok) return context.answer({ errors: prepared.errors });
      const { operation } = prepared;
      if (operation.type === OperationTypeNode.SUBSCRIPTION) throw streamNeeded();
      const contextValue = schemaContext(context, connection.caller);
      const outcome = performOperation(context, operation, contextValue, connection);
      return outcome instanceof Promise ? outcome.then(answerOf) : answerOf(outcome);
    });
    if (response.destroyed) return;
    let body: Buffer = Buffer.from(answer.text);
    if (!unread.take(connection, body.length)) {
      respondText(response, 503, tooMuchUnread, mediaType);
      return;
    }
    response.once('close', () => unread.give(connection, body.length));
    response.appendHeader('vary', 'accept-encoding');
    const encoding =
      body.length < minCompressedBytes ? undefined : encodingOf(request, ['br', 'gzip']);
    const compressed = encoding && (await compress(encoding, body));
    if (compressed !== undefined && !response.destroyed) {
      unread.give(connection, body.length - compressed.length);
      body = compressed;
      response.setHeader('content-encoding', encoding!);
    }
    const status = statusOf(answer, mediaType);
    if (status === 405) response.setHeader('allow', 'POST');
    respondText(response, status, body, mediaType);
  }

  return {
    serveRead,
    async serve(exchange) {
      const { request, response, searchParams, connection } = exchange;
      try {
        const read = await readGraphqlRequest(context, request, searchParams, connection);
        await serveRead(exchange, read).finally(() => read.release());
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        // Independent of `Accept`: it is not a GraphQL request.
        respondJson(response, error.status, error.body, jsonMediaType(request));
      }
    },
  };
}

function answerOf(outcome: Outcome): Answer {
  const notOne = (): never => {
    throw new Error('a query has one answer');
  };
  return deliver(outcome, { messages: notOne, results: notOne, answer: (answer) => answer });
}

/**
 * A client that only accepts application/json learns the result of its operation from
 * the body, not from the status.
 */
function statusOf({ hasData, errors }: Answer, mediaType: JsonMediaType): number {
  if (errors[0]?.extensions['code'] === methodNotAllowed) return 405;
  return hasData || mediaType === 'application/json' ? 200 : 400;
}

const tooMuchUnread = refusal(
  limitExceeded('Too many answers are on their way to clients that do not read them. Try again.'),
).text;

function streamNeeded(): RequestError {
  return new RequestError(
    406,
    'A subscription has many answers: ask for a stream with "Accept: text/event-stream" or "Accept: multipart/mixed;subscriptionSpec=1.0", or use a WebSocket with graphql-transport-ws.',
  );
}
