/** A connection, as far as it takes part of what all connections share. */
export interface Holder {
  /** For the log: a transport and an address. */
  readonly who: string;
  /** Ends the connection at once, with all that it holds. */
  terminate(): void;
}
