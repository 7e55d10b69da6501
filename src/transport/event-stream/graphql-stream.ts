import { OperationTypeNode } from 'graphql';
import type { Holder } from '../../bounds/holder.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { EndReason } from '../../kernel/end-reason.ts';
import { deliver, type Outcome } from '../../delivery/outcome.ts';
import { performOperation } from '../../delivery/perform-operation.ts';
import { prepareOperation } from '../../document/operation.ts';
import type { SeenPositions } from '../../log/position.ts';
import {
  asksForIds,
  EventPositions,
  headOf,
  lastEventIdOf,
  seenPositions,
} from './event-positions.ts';
import { acceptsJson } from '../http/accept.ts';
import { quotaOf, type OpenOperations } from '../connection-quota.ts';
import type { Exchange } from '../http/endpoint.ts';
import type { GraphqlHttp } from '../http/graphql-http.ts';
import { readGraphqlRequest, RequestAborted, RequestError } from '../http/graphql-request.ts';
import { respondJson } from '../http/respond.ts';
import type { OperationForm, OperationStreamKind } from './operation-stream-kind.ts';
import { ResponseStream, streamRefusal } from './response-stream.ts';
import { schemaContext, type TransportContext } from '../transport-context.ts';

/** Serves a GraphQL request whose answer is a separate stream. */
export type ServeOperationStream = (kind: OperationStreamKind, exchange: Exchange) => Promise<void>;

export function createOperationStreams(
  context: TransportContext,
  graphqlHttp: GraphqlHttp,
): ServeOperationStream {
  const { check, turns } = context;

  /** The outcome of the operation; undefined when the request has been answered. */
  async function perform(
    kind: OperationStreamKind,
    exchange: Exchange,
    caller: Caller,
    seen: SeenPositions | undefined,
  ): Promise<Outcome | undefined> {
    const { request, response, searchParams, connection } = exchange;
    const read = await readGraphqlRequest(context, request, searchParams, connection);
    try {
      const opened = await turns.run(connection, () => {
        // The client may have gone while the operation waited for its turn.
        if (response.destroyed) throw new RequestAborted();
        const prepared = prepareOperation(check, read.parse().operation);
        if (
          prepared.ok &&
          prepared.operation.type !== OperationTypeNode.SUBSCRIPTION &&
          acceptsJson(request)
        ) {
          return 'one answer';
        }
        const refused = streamRefusal(context, connection);
        if (refused !== undefined) throw refused;
        if (!prepared.ok) {
          const { errors } = prepared;
          if (kind.refuse === undefined)
            return { kind: 'answer', answer: context.answer({ errors }) } as const;
          kind.refuse(exchange, errors);
          return undefined;
        }
        return performOperation(
          context,
          prepared.operation,
          schemaContext(context, caller, { seen, quota: quotaOf(context, nothingOpen) }),
          connection,
        );
      });
      if (opened !== 'one answer') return opened;
      // A client that accepts both (urql's fetch does) gets the single answer of a query as a plain
      // answer.
      await graphqlHttp.serveRead(exchange, read);
      return undefined;
    } finally {
      read.release();
    }
  }

  return async (kind, exchange) => {
    const { request, response, searchParams, connection } = exchange;
    const caller = connection.callerBy(kind.transport);
    const hasIds = kind.wireOfOneDevice !== undefined;
    const seen = hasIds ? seenPositions(lastEventIdOf(request, searchParams)) : undefined;
    let outcome: Outcome | undefined;
    try {
      outcome = await perform(kind, exchange, caller, seen);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      respondJson(response, error.status, error.body);
      return;
    }
    if (outcome === undefined) return;
    if (response.destroyed) {
      // The client disconnected while its operation was opened: no later event reports that.
      abandon(context, outcome, connection);
      return;
    }
    const results = outcome.kind === 'results' ? outcome.results : undefined;
    const positions =
      hasIds && asksForIds(searchParams) && outcome.kind === 'messages'
        ? new EventPositions(outcome.subscription.begins)
        : undefined;
    const stream = new ResponseStream(context, {
      request,
      response,
      caller,
      form: kind.form,
      id: positions?.id,
      closed() {
        void results?.return?.();
      },
    });
    await deliverByStream(context, outcome, {
      stream,
      holder: connection,
      form: kind,
      positions,
      completed: () => stream.end(),
    });
  };
}

const nothingOpen = (): OpenOperations => ({ subscriptions: 0, devices: 0, statsStreams: 0 });

export interface Delivering {
  readonly stream: ResponseStream;
  /** The holder of the operation's selection. */
  readonly holder: Holder;
  readonly form: OperationForm;
  /** The positions of its devices, for a stream whose events have ids. */
  readonly positions?: EventPositions | undefined;
  /** Called after the last data of the operation; not when the stream itself has ended. */
  readonly completed: () => void;
}

/** Sends an operation over a stream. Resolves when nothing is left to do here. */
export async function deliverByStream(
  { selections, hide }: TransportContext,
  outcome: Outcome,
  { stream, holder, form, positions, completed }: Delivering,
): Promise<void> {
  /**
   * Sent in one piece: in two pieces, a client with a large result would look like one
   * that does not read.
   */
  const complete = (last = ''): void => {
    stream.send(last + form.complete);
    completed();
  };
  await deliver<void | Promise<void>>(outcome, {
    messages({ subscription, selection }) {
      stream.outgoing.add({
        subscription,
        rendering: selection.rendering(
          positions?.size === 1 ? (form.wireOfOneDevice ?? form.wire) : form.wire,
        ),
        head: () => form.head(),
        headOf: headOf(positions),
        ended(reason, error) {
          selections.release(selection, holder);
          // A client that has to reconnect must not read `complete`; the stream sends the last
          // data.
          if (reason === 'CONNECTION_LOST' || reason === 'SHUTTING_DOWN') return;
          complete(error === undefined ? '' : form.failed(hide(error)));
        },
      });
    },
    async results(results) {
      try {
        for await (const text of results) {
          await stream.room();
          stream.send(form.next(text));
        }
      } catch (error) {
        complete(form.failed(hide(error)));
        return;
      }
      complete();
    },
    answer: ({ text }) => complete(form.next(text)),
  });
}

/** Ends everything that an operation has opened. */
export function stop(outcome: Outcome, reason: EndReason): void {
  if (outcome.kind === 'results') void outcome.results.return?.();
  if (outcome.kind === 'messages') outcome.subscription.end(reason);
}

/** Ends everything that an operation has opened and that was never delivered. */
export function abandon({ selections }: TransportContext, outcome: Outcome, holder: Holder): void {
  stop(outcome, 'CONNECTION_LOST');
  if (outcome.kind === 'messages') selections.release(outcome.selection, holder);
}
