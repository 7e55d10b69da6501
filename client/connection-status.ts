import type { TransportKind } from './link.ts';

/** What keeps a client from being served, until that is over. */
export interface ConnectionFailure {
  /** Why the last attempt failed; begins with the address. */
  readonly reason: string;
  /** How many attempts in a row have failed. */
  readonly count: number;
  /** When the first of them began, in milliseconds since 1970. */
  readonly since: number;
}

/** How a client stands with its gateway. */
export type ConnectionStatus = ConnectionState & {
  /** Where the GraphQL of the gateway is, without what may be secret in it. */
  readonly address: string;
  /** While `live`: of a stream that the gateway fails to serve. Missing while nothing is wrong. */
  readonly failure?: ConnectionFailure;
};

export type ConnectionState =
  /** An attempt is under way. */
  | { readonly state: 'connecting'; readonly transport: TransportKind }
  /** `since`: milliseconds since 1970. `latencyMs`: of the last ping over WebSocket, once there was one. */
  | {
      readonly state: 'live';
      readonly transport: TransportKind;
      readonly since: number;
      readonly latencyMs?: number;
    }
  /** `attempt`: 1 for the first after a success. `retryAt`: when the next one begins, in milliseconds since 1970. */
  | {
      readonly state: 'reconnecting';
      readonly reason: string;
      readonly attempt: number;
      readonly retryAt: number;
    }
  /** Nothing is wanted of the gateway, or it can't be had. */
  | { readonly state: 'closed'; readonly reason: string };
