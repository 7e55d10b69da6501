import { zeroes } from './counts.ts';

/**
 * Why something that came from outside was refused, or ended, and what each
 * reason means. One catalogue: the SDL, the stats and the docs come from it.
 */
export const refusals = {
  FOREIGN_ORIGIN:
    'A page of another origin asked, and `SLUICE_ALLOWED_ORIGINS` does not name that origin.',
  FOREIGN_HOST:
    'The request was sent to a host name that is not one of the gateway: `SLUICE_ALLOWED_HOSTS` names further ones.',
  CONNECTIONS:
    'As many connections were open as `SLUICE_MAX_CONNECTIONS` allows, or as the limit of open files leaves room for.',
  BUSY_SOCKET: 'The HTTP connection was already busy with as much as one may carry.',
  REQUEST_TIMEOUT: 'A request, or a WebSocket message, did not arrive in time.',
  REQUEST_SIZE: 'A request, or a WebSocket message, was longer than the gateway takes.',
  INCOMING_BYTES:
    'Requests that were still arriving or waiting took all the memory that there is for them.',
  UNREAD: 'A client asked and did not read its answers.',
  ANSWERS_IN_FLIGHT: 'Answers that were not read yet took all the memory that there is for them.',
  ANSWER_SIZE: 'An operation asked for more than one answer may hold.',
  DOCUMENT_SIZE: 'A GraphQL document was larger than the gateway takes.',
  SELECTIONS: 'As many distinct selections were in use as one connection, or all, may have.',
  SUBSCRIPTIONS:
    'A connection had as many subscriptions, or watched as many devices, as one may have.',
  RESERVATIONS: 'As many reservations of the single connection mode waited as there may be.',
} as const satisfies Record<string, string>;

export type RefusalReason = keyof typeof refusals;
export const refusalReasons = Object.keys(refusals) as readonly RefusalReason[];

/** Counts refusals. Counting is cheap, and never throws. */
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
