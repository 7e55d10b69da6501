import type { IncomingMessage, ServerResponse } from 'node:http';
import { OperationTypeNode, type ExecutionResult, type GraphQLError } from 'graphql';
import type { EndReason } from '../broker/end-reason.ts';
import { performOperation, prepareOperation, type Outcome } from '../delivery/operation.ts';
import { publicError, publicResult } from '../delivery/public-error.ts';
import type { Wire } from '../delivery/rendering.ts';
import { resultText } from '../delivery/result-text.ts';
import { EventPositions, headOf, lastEventIdOf } from './event-positions.ts';
import { acceptsJson } from './accept.ts';
import type { GraphqlHttp } from './graphql-http.ts';
import { readGraphqlRequest, RequestError } from './graphql-request.ts';
import { respondJson } from './respond.ts';
import { ResponseStream, type StreamForm } from './response-stream.ts';
import { schemaContext, whoAsks, type TransportContext } from './transport-context.ts';

/** How one operation is written to its stream. */
export interface OperationForm {
  /** What a message's result becomes, behind the head. */
  readonly wire: Wire;
  /** The same for events with an id, when the stream has one device. Without it, the stream has no ids. */
  readonly wireOfOneDevice?: Wire;
  /** What is the operation's own in front of each message. */
  head(): Buffer;
  /** A result for this client alone. */
  next(result: string): string;
  /** Says that an error has ended the operation; `complete` follows. */
  failed(error: GraphQLError): string;
  readonly complete: string;
}

/** A kind of stream that carries one operation. */
export interface OperationStreamKind extends OperationForm {
  /** For the log. */
  readonly name: string;
  readonly form: StreamForm;
  /** Answers an operation that is not valid. Without it, the errors come in a stream, as its one result. */
  refuse?(
    request: IncomingMessage,
    response: ServerResponse,
    errors: readonly GraphQLError[],
  ): void;
}

/** Serves a GraphQL request whose answer is a stream of its own. */
export type ServeOperationStream = (
  kind: OperationStreamKind,
  request: IncomingMessage,
  response: ServerResponse,
  searchParams: URLSearchParams,
) => Promise<void>;

export function createOperationStreams(
  context: TransportContext,
  graphqlHttp: GraphqlHttp,
): ServeOperationStream {
  const { schema, check, selections, connections, limits } = context;

  return async (kind, request, response, searchParams) => {
    const who = whoAsks(kind.name, request);
    const positions =
      kind.wireOfOneDevice === undefined
        ? undefined
        : new EventPositions(context.log.epoch, lastEventIdOf(request, searchParams));
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
      if (!prepared.ok && kind.refuse !== undefined) {
        kind.refuse(request, response, prepared.errors);
        return;
      }
      outcome = prepared.ok
        ? await performOperation(
            schema,
            selections,
            prepared.operation,
            schemaContext(context, who, { positions }),
          )
        : { kind: 'result', result: { errors: prepared.errors } };
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      respondJson(response, error.status, error.body);
      return;
    }

    if (response.destroyed) {
      // The client went while its operation was opened: nothing will tell us again.
      abandon(context, outcome);
      return;
    }
    const results = outcome.kind === 'results' ? outcome.results : undefined;
    const stream = new ResponseStream(context, {
      request,
      response,
      who,
      form: kind.form,
      id: positions?.id,
      closed() {
        void results?.return?.();
      },
    });
    await deliver(context, outcome, {
      stream,
      form: kind,
      positions,
      completed: () => stream.end(),
    });
  };
}

export interface Delivering {
  readonly stream: ResponseStream;
  readonly form: OperationForm;
  /** Of its devices, for a stream whose events have ids. */
  readonly positions?: EventPositions | undefined;
  /** Called behind its last word; not when the stream itself has gone. */
  readonly completed: () => void;
}

/** Lets an operation out by a stream. Resolves when nothing is left to do for it here. */
export async function deliver(
  { selections, logger }: TransportContext,
  outcome: Outcome,
  { stream, form, positions, completed }: Delivering,
): Promise<void> {
  const hide = (error: unknown): GraphQLError =>
    publicError(error, (err) => {
      logger.error({ event: 'operation.failed', err, who: stream.who }, 'An operation failed');
    });
  const textOf = (result: ExecutionResult): string =>
    form.next(resultText(publicResult(result, hide)));
  /** In one piece: between two, a large result would look like a client that does not read. */
  const complete = (last = ''): void => {
    stream.send(last + form.complete);
    completed();
  };
  switch (outcome.kind) {
    case 'result':
      complete(textOf(outcome.result));
      return;
    case 'results':
      try {
        for await (const result of outcome.results) {
          await stream.room();
          stream.send(textOf(result));
        }
      } catch (error) {
        complete(form.failed(hide(error)));
        return;
      }
      complete();
      return;
    case 'messages': {
      const { subscription, selection } = outcome;
      stream.pump.add({
        subscription,
        rendering: selection.rendering(
          positions?.size === 1 ? (form.wireOfOneDevice ?? form.wire) : form.wire,
        ),
        head: () => form.head(),
        headOf: headOf(positions),
        ended(reason, error) {
          selections.release(selection);
          // A client that shall come back must not read `complete`; the stream has the last word.
          if (reason === 'CONNECTION_LOST' || reason === 'SHUTTING_DOWN') return;
          complete(error === undefined ? '' : form.failed(hide(error)));
        },
      });
    }
  }
}

/** Ends what an operation has opened. */
export function stop(outcome: Outcome, reason: EndReason): void {
  if (outcome.kind === 'results') void outcome.results.return?.();
  if (outcome.kind === 'messages') outcome.subscription.end(reason);
}

/** Ends what an operation has opened and what was never delivered. */
export function abandon({ selections }: TransportContext, outcome: Outcome): void {
  stop(outcome, 'CONNECTION_LOST');
  if (outcome.kind === 'messages') selections.release(outcome.selection);
}
