/** How long to wait before the next attempt. */
export interface BackOffOptions {
  /** The bound of the first wait, in milliseconds. Default: 250. */
  readonly minRetryMs?: number;
  /** The bound of the longest wait, in milliseconds. Default: 10,000. */
  readonly maxRetryMs?: number;
}

/** Waits that double up to a bound, each by chance between nothing and the whole: a fleet that was cut off at once comes back spread out. */
export class BackOff {
  readonly #minMs: number;
  readonly #maxMs: number;
  /** Attempts since the last success. */
  attempt = 0;

  constructor({ minRetryMs = 250, maxRetryMs = 10_000 }: BackOffOptions) {
    this.#minMs = minRetryMs;
    this.#maxMs = maxRetryMs;
  }

  /** Milliseconds until the next attempt. */
  next(): number {
    const bound = Math.min(this.#maxMs, this.#minMs * 2 ** Math.min(this.attempt, 30));
    this.attempt += 1;
    return Math.random() * bound;
  }

  reset(): void {
    this.attempt = 0;
  }
}
