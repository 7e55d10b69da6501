export interface TokenBucketOptions {
  readonly perSecond: number;
  /** How many may be taken at once, after a pause. */
  readonly burst: number;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** Takes a token, if there is one: so many a second, and a burst after a pause. */
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
