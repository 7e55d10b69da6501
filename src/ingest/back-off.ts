export interface BackOff {
  /** How long to wait before the next attempt, in milliseconds. */
  nextMs(): number;
  /** An attempt succeeded: the next wait is a short one again. */
  reset(): void;
}

const firstMs = 250;
const lastMs = 30_000;

/**
 * Exponential back-off from 250 ms to 30 s with equal jitter (half of it by
 * chance), so that a fleet of gateways does not come back in one instant.
 */
export function createBackOff(random: () => number = Math.random): BackOff {
  let ceilingMs = firstMs;
  return {
    nextMs() {
      const waitMs = ceilingMs / 2 + (ceilingMs / 2) * random();
      ceilingMs = Math.min(lastMs, ceilingMs * 2);
      return waitMs;
    },
    reset() {
      ceilingMs = firstMs;
    },
  };
}
