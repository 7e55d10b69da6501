import { zeroes } from './counts.ts';

/**
 * Why a request from outside was refused, or its connection ended, and what each reason
 * means. The only catalogue: the SDL, the stats and the docs are derived from it.
 */
export const refusals = {
  FOREIGN_ORIGIN:
    'The request came from a page of another origin that `SLUICE_ALLOWED_ORIGINS` does not name.',
  FOREIGN_HOST:
    "The request was sent to a host name that is not one of the gateway's: `SLUICE_ALLOWED_HOSTS` adds further ones.",
  CONNECTIONS:
    'As many connections were open as `SLUICE_MAX_CONNECTIONS` or the limit of open files allows.',
  BUSY_SOCKET:
    'The HTTP connection already had as many requests in progress as one connection may have.',
  REQUEST_TIMEOUT: 'A request, or a WebSocket message, did not arrive in time.',
  REQUEST_SIZE: 'A request, or a WebSocket message, was longer than the gateway accepts.',
  INCOMING_BYTES:
    'Requests that were still arriving or waiting used all the memory that is reserved for them.',
  UNREAD: 'A client sent requests and did not read the answers.',
  ANSWERS_IN_FLIGHT:
    'Answers that were not read yet used all the memory that is reserved for them.',
  ANSWER_SIZE: 'An operation asked for more values than one answer may contain.',
  DOCUMENT_SIZE: 'A GraphQL document was larger than the gateway accepts.',
  SELECTIONS:
    'As many distinct selections were in use as one connection, or all connections together, may have.',
  SUBSCRIPTIONS:
    'A connection had as many subscriptions, or watched as many devices, as one may have.',
  RESERVATIONS: 'The maximum number of reservations of the single connection mode was waiting.',
} as const satisfies Record<string, string>;

export type RefusalReason = keyof typeof refusals;
export const refusalReasons = Object.keys(refusals) as readonly RefusalReason[];

/** Counts refusals. `count` is cheap and never throws. */
export interface RefusalCounter {
  readonly counts: Readonly<Record<RefusalReason, number>>;
  count(reason: RefusalReason): void;
}

export function createRefusalCounter(): RefusalCounter {
  const counts = zeroes(refusalReasons);
  return {
    counts,
    count(reason) {
      counts[reason] += 1;
    },
  };
}
