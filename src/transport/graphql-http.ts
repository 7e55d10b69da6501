import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError, validate, type DocumentNode } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { maxTokens } from '../delivery/document-cache.ts';
import { publicError } from '../delivery/public-error.ts';
import { selectionLimitRule } from '../delivery/selection-limit-rule.ts';
import { crossOrigin } from './cross-origin.ts';
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

export function createGraphqlHttp(context: TransportContext): GraphqlHttp {
  const { schema, logger, limits } = context;
  const documentLimits: Plugin = {
    onParse({ params }) {
      params.options = { ...params.options, maxTokens };
    },
    onValidate({ params, setResult }) {
      // First the size alone: one of the other rules compares each field with each.
      const tooLarge = validate(schema, params.documentAST as DocumentNode, [selectionLimitRule]);
      if (tooLarge.length > 0) setResult(tooLarge);
    },
  };
  const oneAnswer: Plugin = {
    onSubscribe({ setSubscribeFn }) {
      // A stream of yoga's own would escape the limit of connections, the keep-alive and the drain.
      setSubscribeFn(() => ({ errors: [streamNeeded()] }));
    },
  };
  const yoga = createYoga<{ req: IncomingMessage }>({
    schema,
    graphqlEndpoint: '/graphql',
    context: ({ req }) =>
      schemaContext(context, `http ${req.socket.remoteAddress}:${req.socket.remotePort}`),
    graphiql: false,
    landingPage: false,
    logging: false,
    batching: false,
    maxRequestBodySize: limits.maxRequestBytes,
    cors: { origin: '*', credentials: false, maxAge: 600 },
    maskedErrors: {
      maskError: (error) => publicError(error, (err) => logger.error({ err }, 'A query failed')),
    },
    plugins: [documentLimits, oneAnswer],
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

function streamNeeded(): GraphQLError {
  return new GraphQLError(
    'A subscription has many answers: ask for a stream with "Accept: text/event-stream" or "Accept: multipart/mixed;subscriptionSpec=1.0", or use a WebSocket with graphql-transport-ws.',
    { extensions: { code: 'BAD_USER_INPUT', http: { status: 406 } } },
  );
}
