import type { IncomingMessage, ServerResponse } from 'node:http';
import { OperationTypeNode, type ExecutionResult, type GraphQLError } from 'graphql';
import { performOperation, prepareOperation, type Outcome } from '../delivery/operation.ts';
import { publicError, publicResult } from '../delivery/public-error.ts';
import type { Wire } from '../delivery/rendering.ts';
import { resultText } from '../delivery/result-text.ts';
import { EventStream } from './event-stream.ts';
import { eventText } from './event-text.ts';
import type { GraphqlHttp } from './graphql-http.ts';
import { readGraphqlRequest, RequestError } from './graphql-request.ts';
import { respondJson } from './respond.ts';
import { schemaContext, type TransportContext } from './transport-context.ts';

const wire: Wire = { encode: (text) => Buffer.from(eventText('next', text)) };
const noBytes = Buffer.alloc(0);
const completeEvent = 'event: complete\ndata:\n\n';

/**
 * GraphQL over server-sent events, distinct connections mode: one operation a
 * stream, `next` events, and `complete` at its end.
 *
 * An invalid operation gets a stream too, with its errors in a `next`: an
 * EventSource cannot read the body of any other answer.
 */
export async function serveGraphqlEvents(
  context: TransportContext,
  graphqlHttp: GraphqlHttp,
  request: IncomingMessage,
  response: ServerResponse,
  searchParams: URLSearchParams,
): Promise<void> {
  const { schema, check, selections, connections, turn, logger, limits } = context;
  const who = `sse ${request.socket.remoteAddress}:${request.socket.remotePort}`;
  const hide = (error: unknown): GraphQLError =>
    publicError(error, (err) => logger.error({ err, who }, 'An operation failed'));

  let outcome: Outcome;
  try {
    const { operation, body } = await readGraphqlRequest(
      request,
      searchParams,
      limits.maxRequestBytes,
    );
    const prepared = prepareOperation(check, operation);
    if (
      prepared.ok &&
      prepared.operation.type !== OperationTypeNode.SUBSCRIPTION &&
      acceptsJson(request)
    ) {
      // A client that takes either (urql's fetch does) gets the one answer of a query as one answer.
      await graphqlHttp.serveRead(request, body, response);
      return;
    }
    if (connections.full) throw new RequestError(503, 'Too many connections.');
    outcome = prepared.ok
      ? await performOperation(schema, selections, prepared.operation, schemaContext(context, who))
      : { kind: 'result', result: { errors: prepared.errors } };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const extensions = { code: 'BAD_REQUEST' };
    respondJson(response, error.status, { errors: [{ message: error.message, extensions }] });
    return;
  }

  if (response.destroyed) {
    // The client went while its operation was opened: nothing will tell us again.
    abandon(outcome, context);
    return;
  }
  const results = outcome.kind === 'results' ? outcome.results : undefined;
  const stream = new EventStream({
    request,
    response,
    connections,
    turn,
    who,
    keepAliveText: ':\n\n',
    closed() {
      void results?.return?.();
    },
  });
  const next = (result: ExecutionResult): void =>
    stream.send(eventText('next', resultText(publicResult(result, hide))));
  const complete = (): void => {
    stream.send(completeEvent);
    stream.end();
  };

  switch (outcome.kind) {
    case 'result':
      next(outcome.result);
      complete();
      return;
    case 'results':
      for await (const result of outcome.results) {
        next(result);
        await stream.room();
      }
      complete();
      return;
    case 'messages': {
      const { subscription, selection } = outcome;
      stream.pump.add({
        subscription,
        rendering: selection.rendering(wire),
        head: () => noBytes,
        ended(reason, error) {
          selections.release(selection);
          // A client that shall come back must not read `complete`.
          if (reason === 'CONNECTION_LOST' || reason === 'SHUTTING_DOWN') return;
          if (error !== undefined) next({ errors: [hide(error)] });
          complete();
        },
      });
    }
  }
}

function acceptsJson(request: IncomingMessage): boolean {
  return /application\/(graphql-response\+)?json/.test(request.headers.accept ?? '');
}

function abandon(outcome: Outcome, { selections }: TransportContext): void {
  if (outcome.kind === 'results') void outcome.results.return?.();
  if (outcome.kind !== 'messages') return;
  outcome.subscription.end('CONNECTION_LOST');
  selections.release(outcome.selection);
}
