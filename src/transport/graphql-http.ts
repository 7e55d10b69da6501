import type { ServerResponse } from 'node:http';
import { OperationTypeNode } from 'graphql';
import { limitExceeded } from '../../schema/errors.ts';
import { refusal, type Answer } from '../delivery/answer.ts';
import { performOperation, prepareOperation } from '../delivery/operation.ts';
import { jsonMediaType, type JsonMediaType } from './accept.ts';
import {
  readGraphqlRequest,
  RequestAborted,
  RequestError,
  type ReadRequest,
} from './graphql-request.ts';
import type { StreamRequest } from './graphql-stream.ts';
import { schemaContext, whoAsks, type TransportContext } from './transport-context.ts';

/** GraphQL over HTTP for what has one answer, by its specification. */
export interface GraphqlHttp {
  serve(streamRequest: StreamRequest): Promise<void>;
  /** Answers a request whose body was read before. The caller releases it. */
  serveRead(streamRequest: StreamRequest, read: ReadRequest): Promise<void>;
}

export function createGraphqlHttp(context: TransportContext): GraphqlHttp {
  const { check, turns, unread } = context;

  /** Refuses with a status of its own, whatever the client accepts: it is no GraphQL request. */
  function refuse({ request, response }: StreamRequest, error: RequestError): void {
    send(response, {
      status: error.status,
      mediaType: jsonMediaType(request) ?? 'application/json',
      text: JSON.stringify(error.body),
    });
  }

  async function serveRead(
    { request, response, connection }: StreamRequest,
    read: ReadRequest,
  ): Promise<void> {
    const mediaType = jsonMediaType(request);
    if (mediaType === undefined) {
      throw new RequestError(
        406,
        'An answer is application/graphql-response+json or application/json; a stream is text/event-stream or multipart/mixed;subscriptionSpec=1.0.',
      );
    }
    const outcome = await turns.run(connection, () => {
      // It may have waited for its turn.
      if (response.destroyed) throw new RequestAborted();
      const prepared = prepareOperation(check, read.parse().operation);
      if (!prepared.ok) return context.answer({ errors: prepared.errors });
      const { operation } = prepared;
      if (operation.type === OperationTypeNode.SUBSCRIPTION) throw streamNeeded();
      const caller = schemaContext(context, whoAsks('http', request));
      return performOperation(context, operation, caller, connection);
    });
    const answer = answerOf(outcome);
    if (response.destroyed) return;
    const text = Buffer.from(answer.text);
    if (unread.take(connection, text.length)) {
      response.once('close', () => unread.give(connection, text.length));
      send(response, { status: statusOf(answer, mediaType), mediaType, text });
    } else {
      send(response, { status: 503, mediaType, text: tooMuchUnread });
    }
  }

  return {
    serveRead,
    async serve(streamRequest) {
      const { request, response, searchParams, connection } = streamRequest;
      try {
        if (request.method !== 'GET' && request.method !== 'POST') {
          response.setHeader('allow', 'GET, POST');
          throw new RequestError(405, 'GraphQL is asked by GET or by POST.');
        }
        const read = await readGraphqlRequest(context, request, searchParams, connection);
        await serveRead(streamRequest, read).finally(() => read.release());
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        refuse(streamRequest, error);
      }
    },
  };
}

function answerOf(outcome: Awaited<ReturnType<typeof performOperation>> | Answer): Answer {
  if (!('kind' in outcome)) return outcome;
  if (outcome.kind !== 'answer') throw new Error('a query has one answer');
  return outcome.answer;
}

/** A client that takes application/json alone learns from the body what became of its operation, not from the status. */
function statusOf({ hasData }: Answer, mediaType: JsonMediaType): number {
  return hasData || mediaType === 'application/json' ? 200 : 400;
}

function send(
  response: ServerResponse,
  answer: {
    readonly status: number;
    readonly mediaType: JsonMediaType;
    readonly text: Buffer | string;
  },
): void {
  if (response.headersSent || response.destroyed) return;
  const { status, mediaType, text } = answer;
  response
    .writeHead(status, {
      'content-type': `${mediaType}; charset=utf-8`,
      'content-length': Buffer.byteLength(text),
      vary: 'origin, accept',
      // What is left of a body that nobody will read must not be taken for the next request.
      ...(status === 413 && { connection: 'close' }),
    })
    .end(text);
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
