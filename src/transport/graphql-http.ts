import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError, OperationTypeNode, type ExecutionResult } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import {
  performOperation,
  prepareOperation,
  type OperationRequest,
} from '../delivery/operation.ts';
import { publicError } from '../delivery/public-error.ts';
import { resultText } from '../delivery/result-text.ts';
import { crossOrigin } from './cross-origin.ts';
import {
  operationInBody,
  operationInSearch,
  requireJson,
  RequestError,
} from './graphql-request.ts';
import { schemaContext, type TransportContext } from './transport-context.ts';

/** GraphQL over HTTP for what has one answer. */
export interface GraphqlHttp {
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The same for a request whose body was read before. */
  serveRead(
    request: IncomingMessage,
    body: string | undefined,
    response: ServerResponse,
  ): Promise<void>;
}

interface Result extends ExecutionResult {
  /** Set where a payload may be in it: its text goes out as it is, and `JSON.stringify` would read and print it. */
  readonly stringify?: typeof resultText;
}

/**
 * Yoga has the headers, the media types and the status codes. Requests are read,
 * checked and performed as on the other transports, so that one mistake is told
 * in one way by all of them.
 */
export function createGraphqlHttp(context: TransportContext): GraphqlHttp {
  const { schema, check, selections, logger, limits } = context;
  const hide = (error: unknown): GraphQLError =>
    publicError(error, (err) => {
      // A client that goes while it sends its request is no failure of ours.
      const level = isAborted(err) ? 'debug' : 'error';
      logger[level]({ event: 'request.failed', err }, 'A query failed');
    });

  async function perform(request: OperationRequest, who: string): Promise<Result> {
    const prepared = prepareOperation(check, request);
    if (!prepared.ok) return { errors: prepared.errors.map((error) => withHttp(error, refusal)) };
    const { operation } = prepared;
    // A stream of yoga's own would escape the limit of connections, the keep-alive and the drain.
    if (operation.type === OperationTypeNode.SUBSCRIPTION) return { errors: [streamNeeded()] };
    const caller = schemaContext(context, who);
    const outcome = await performOperation(schema, selections, operation, caller);
    if (outcome.kind !== 'result') throw new TypeError('a query has one result');
    const { data, errors } = outcome.result;
    if (data === undefined) {
      return { errors: (errors ?? []).map((error) => withHttp(hide(error), refusal)) };
    }
    const shown = errors === undefined ? {} : { errors: errors.map(hide) };
    return { data, ...shown, stringify: resultText };
  }

  const asElsewhere: Plugin<object, { req: IncomingMessage }> = {
    onRequestParse({ url, setRequestParser }) {
      setRequestParser(async (request) => {
        if (request.method === 'GET')
          return paramsOf(operationInSearch(url.searchParams).operation);
        requireJson(request.headers.get('content-type'));
        return paramsOf(operationInBody(await request.text()).operation);
      });
    },
    onParams({ setParamsHandler }) {
      setParamsHandler(({ params, context: { req } }) =>
        perform(
          { ...params, query: params.query ?? '' },
          `http ${req.socket.remoteAddress}:${req.socket.remotePort}`,
        ),
      );
    },
  };
  const yoga = createYoga<{ req: IncomingMessage }>({
    schema,
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    logging: false,
    batching: false,
    parserAndValidationCache: false,
    maxRequestBodySize: limits.maxRequestBytes,
    cors: { origin: '*', credentials: false, maxAge: 600 },
    maskedErrors: {
      // What was no request, or broke before there was a result.
      maskError(error) {
        if (error instanceof RequestError) {
          const extensions = { code: error.code, http: { status: error.status } };
          return new GraphQLError(error.message, { extensions });
        }
        const shown = hide(error);
        return shown === error ? shown : withHttp(shown, { status: 500 });
      },
    },
    plugins: [asElsewhere],
  });

  return {
    async serve(request, response) {
      await yoga.handle(request, response, { req: request });
    },
    async serveRead(request, body, response) {
      const { host = 'localhost' } = request.headers;
      const answer = await yoga.fetch(
        `http://${host}${request.url}`,
        {
          method: request.method ?? 'GET',
          headers: Object.entries(request.headers).filter(
            (header): header is [string, string] => typeof header[1] === 'string',
          ),
          ...(body !== undefined && { body }),
        },
        { req: request },
      );
      const text = await answer.text();
      if (response.destroyed) return;
      response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...crossOrigin });
      response.end(text);
    },
  };
}

/** What node:http says of a request that its client has left. */
function isAborted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}

/** As yoga has them: without the members that are null. */
function paramsOf({ query, operationName, variables }: OperationRequest): GraphQLParams {
  return {
    query,
    ...(operationName != null && { operationName }),
    ...(variables != null && { variables }),
  };
}

/** 400, or 200 for a client that takes application/json alone: there a status says nothing of the operation. */
const refusal = { spec: true, status: 400 };

/** A copy with what yoga makes the status of: the document cache keeps the errors of a document for all transports. */
function withHttp(error: GraphQLError, http: object): GraphQLError {
  const { message, nodes, source, positions, path, originalError } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    originalError: originalError ?? null,
    extensions: { ...error.extensions, http },
  });
}

function streamNeeded(): GraphQLError {
  return new GraphQLError(
    'A subscription has many answers: ask for a stream with "Accept: text/event-stream" or "Accept: multipart/mixed;subscriptionSpec=1.0", or use a WebSocket with graphql-transport-ws.',
    { extensions: { code: 'BAD_USER_INPUT', http: { status: 406 } } },
  );
}
