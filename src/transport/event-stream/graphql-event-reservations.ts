import type { IncomingMessage, ServerResponse } from 'node:http';
import { limitExceeded } from '../../../schema/errors.ts';
import { Groups } from '../../bounds/groups.ts';
import { refusal } from '../../delivery/answer.ts';
import { performOperation } from '../../delivery/perform-operation.ts';
import { prepareOperation, type Operation } from '../../document/operation.ts';
import type { Outcome } from '../../delivery/outcome.ts';
import { acceptsEvents, acceptsText } from '../http/accept.ts';
import type { Exchange } from '../http/endpoint.ts';
import { quotaOf } from '../connection-quota.ts';
import { createDeadlines } from '../deadline.ts';
import { eventsForm } from './event-text.ts';
import { EventOperation } from './graphql-event-operation.ts';
import { Reservation } from './graphql-event-reservation.ts';
import { readGraphqlRequest, RequestError, type ReadRequest } from '../http/graphql-request.ts';
import { abandon, deliverByStream, stop } from './graphql-stream.ts';
import { respondJson, respondText } from '../http/respond.ts';
import { ResponseStream, streamRefusal } from './response-stream.ts';
import { schemaContext, type TransportContext } from '../transport-context.ts';

/** GraphQL over server-sent events, single connection mode: one stream for all operations of a client. */
export interface EventReservations {
  /** Serves a request that creates a reservation, or that has the token of one. */
  serve(exchange: Exchange, token: string | undefined): Promise<void>;
}

/** How long a reservation may exist without its stream. */
const usualOpenWithinMs = 30_000;
/** The maximum number of operations that wait for the stream of their reservation. */
const maxOperationsUnopened = 20;
/** The maximum length of an operation's id. Each event of the operation contains the id. */
const maxOperationIdLength = 256;

/**
 * The token of a reservation: in the header, or in the URL for an EventSource, which
 * cannot set headers.
 */
export function tokenOf(
  request: IncomingMessage,
  searchParams: URLSearchParams,
): string | undefined {
  const header = request.headers['x-graphql-event-stream-token'];
  return header?.toString() ?? searchParams.get('token') ?? undefined;
}

export function createEventReservations(
  context: TransportContext,
  openWithinMs: number = usualOpenWithinMs,
): EventReservations {
  const { check, turns, connections, refusals, logger, limits } = context;
  const reservations = new Map<string, Reservation>();
  const deadlines = createDeadlines<Reservation>(openWithinMs, lose);
  /** The reservations without a stream, by the address that created them. */
  const unopened = new Groups<Reservation>();
  const tooManyText = `One connection takes at most ${limits.maxSubscriptionsPerConnection} operations at a time.`;
  const tooMany: Outcome = { kind: 'answer', answer: refusal(limitExceeded(tooManyText)) };

  function reserve({ request, response, connection }: Exchange): void {
    if (!acceptsText(request)) throw new RequestError(406, 'The token is text/plain.');
    const refused = connections.admit(connection);
    if (refused !== undefined) throw new RequestError(503, `${refused.message}.`);
    if (unopened.size >= limits.maxReservations) {
      // A reservation costs its client no connection, so the oldest one of the address with the
      // most reservations is dropped.
      const [oldest] = unopened.get(unopened.largest ?? '');
      refusals.count('RESERVATIONS');
      if (oldest !== undefined) lose(oldest);
    }
    const reservation = new Reservation(connection.callerBy('sse'), lose);
    reservations.set(reservation.token, reservation);
    // The reservation ends together with the connections.
    connections.add(reservation);
    deadlines.set(reservation);
    unopened.add(reservation.caller.address, reservation);
    respondText(response, 201, reservation.token);
  }

  /** The reservation does not wait for its stream any more. */
  function waited(reservation: Reservation): void {
    deadlines.clear(reservation);
    connections.remove(reservation);
    unopened.delete(reservation.caller.address, reservation);
  }

  /** Every end of a reservation leads here. */
  function lose(reservation: Reservation): void {
    if (!reservations.delete(reservation.token)) return;
    reservation.lost = true;
    if (reservation.stream === undefined) waited(reservation);
    for (const { outcome } of reservation.operations.values()) {
      if (outcome === undefined) continue;
      if (reservation.stream === undefined) abandon(context, outcome, reservation);
      else stop(outcome, 'CONNECTION_LOST');
    }
  }

  function open(reservation: Reservation, { request, response, connection }: Exchange): void {
    const refused = streamRefusal(context, connection);
    if (refused !== undefined) throw refused;
    if (reservation.stream !== undefined) {
      throw new RequestError(409, 'The reservation has its stream.');
    }
    waited(reservation);
    reservation.stream = new ResponseStream(context, {
      request,
      response,
      caller: connection.callerBy('sse'),
      form: eventsForm,
      closed: () => lose(reservation),
    });
    for (const operation of reservation.operations.values()) {
      // An operation that is still being performed sends its result itself.
      if (operation.outcome !== undefined) letOut(reservation, operation);
    }
  }

  async function operate(
    reservation: Reservation,
    { request, response, searchParams, connection }: Exchange,
  ): Promise<void> {
    const read = await readGraphqlRequest(context, request, searchParams, connection);
    try {
      await turns.run(connection, () => operateRead(reservation, read, response));
    } finally {
      read.release();
    }
  }

  async function operateRead(
    reservation: Reservation,
    read: ReadRequest,
    response: ServerResponse,
  ): Promise<void> {
    const { operation: requested, extensions } = read.parse();
    const id = extensions['operationId'];
    if (typeof id !== 'string' || id === '' || id.length > maxOperationIdLength) {
      throw new RequestError(
        400,
        `extensions.operationId is a string of 1 to ${maxOperationIdLength} characters.`,
      );
    }
    const prepared = prepareOperation(check, requested);
    if (!prepared.ok) {
      respondJson(response, 400, { errors: prepared.errors });
      return;
    }
    const { operations } = reservation;
    if (reservation.lost) throw unknownToken();
    if (operations.has(id)) throw new RequestError(409, 'An operation with this id is open.');
    if (reservation.stream === undefined && operations.size >= maxOperationsUnopened) {
      refusals.count('SUBSCRIPTIONS');
      throw new RequestError(
        429,
        `A reservation takes at most ${maxOperationsUnopened} operations before its stream is opened.`,
      );
    }
    const operation = new EventOperation(id);
    let outcome = tooMany;
    if (operations.size < limits.maxSubscriptionsPerConnection) {
      operations.set(id, operation);
      outcome = await perform(reservation, operation, prepared.operation);
      if (reservation.lost) {
        abandon(context, outcome, reservation);
        throw unknownToken();
      }
    } else {
      refusals.count('SUBSCRIPTIONS');
      if (reservation.stream === undefined) throw new RequestError(429, tooManyText);
    }
    operation.began(outcome);
    // Without an answer the client cannot know which operation to complete.
    if (response.destroyed) operation.cancel();
    respondText(response, 202, '');
    if (reservation.stream !== undefined) letOut(reservation, operation);
  }

  async function perform(
    reservation: Reservation,
    { id }: EventOperation,
    operation: Operation,
  ): Promise<Outcome> {
    const { stream, caller, operations } = reservation;
    const contextValue = schemaContext(context, stream?.caller ?? caller, {
      quota: quotaOf(context, () => reservation.openOperations()),
    });
    try {
      return await performOperation(context, operation, contextValue, reservation);
    } catch (error) {
      operations.delete(id);
      throw error;
    }
  }

  /** The caller MUST NOT await it: that would keep the request in memory while its operation lasts. */
  function letOut(reservation: Reservation, operation: EventOperation): void {
    const { stream, operations } = reservation;
    deliverByStream(context, operation.outcome!, {
      stream: stream!,
      holder: reservation,
      form: operation,
      completed: () => operations.delete(operation.id),
    }).catch((error: unknown) => {
      logger.error(
        { event: 'operation.failed', err: error, who: stream!.caller.who },
        'An operation could not be delivered',
      );
    });
  }

  function complete(reservation: Reservation, { response, searchParams }: Exchange): void {
    const id = searchParams.get('operationId') ?? '';
    if (id === '') throw new RequestError(400, 'operationId is required.');
    // A missing operation has completed in the meantime.
    reservation.operations.get(id)?.cancel();
    respondText(response, 200, '');
  }

  async function answer(exchange: Exchange, token: string | undefined): Promise<void> {
    const { request } = exchange;
    if (token === undefined) {
      if (request.method === 'PUT') return reserve(exchange);
      throw new RequestError(400, 'The operation that ends is of a reservation: send its token.');
    }
    const reservation = reservations.get(token);
    if (reservation === undefined) throw unknownToken();
    if (request.method === 'PUT') throw new RequestError(409, 'The token is of a reservation.');
    if (request.method === 'DELETE') return complete(reservation, exchange);
    if (acceptsEvents(request)) return open(reservation, exchange);
    return operate(reservation, exchange);
  }

  return {
    async serve(exchange, token) {
      try {
        await answer(exchange, token);
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        respondJson(exchange.response, error.status, error.body);
      }
    },
  };
}

function unknownToken(): RequestError {
  return new RequestError(404, 'No reservation has this token.');
}
