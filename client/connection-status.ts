import type { TransportKind } from './link.ts';

/** How a client stands with its gateway. */
export type ConnectionStatus =
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
