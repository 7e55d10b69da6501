import type { Caller } from '../kernel/caller.ts';

/** A connection, as far as it takes part of what all connections share. */
export interface Holder {
  readonly caller: Caller;
  /** Ends the connection at once, with all that it holds. */
  terminate(): void;
}
