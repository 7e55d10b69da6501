/** A value that all callers within `maxAgeMs` share: it is made for the first of them. */
export function createSharedValue<T>(
  maxAgeMs: number,
  make: () => T,
  now: () => number = () => performance.now(),
): () => T {
  let madeAt = Number.NEGATIVE_INFINITY;
  let value: T;
  return () => {
    const at = now();
    if (at - madeAt >= maxAgeMs) {
      value = make();
      madeAt = at;
    }
    return value;
  };
}
