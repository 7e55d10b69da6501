import type { Caller } from '../kernel/caller.ts';

/** A connection, as a holder of resources that all connections share. */
export interface Holder {
  readonly caller: Caller;
  /** Ends the connection at once and releases everything that it holds. */
  terminate(): void;
}
