export interface TokenBucketOptions {
  readonly perSecond: number;
  /** How many tokens may be taken at once after a pause. */
  readonly burst: number;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
}

/**
 * Returns a function that takes a token if there is one: `perSecond` tokens per second,
 * and `burst` after a pause.
 */
export function createTokenBucket({ perSecond, burst, now }: TokenBucketOptions): () => boolean {
  let tokens = burst;
  let filledAt = now();
  return () => {
    const at = now();
    tokens = Math.min(burst, tokens + ((at - filledAt) / 1_000) * perSecond);
    filledAt = at;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
