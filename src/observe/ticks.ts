/**
 * A value now, and a new one in each interval while it is read. Nothing accumulates for
 * a slow reader: the value is made when it is requested, at most once per interval.
 *
 * Written by hand, because `return()` of an async generator waits for the timer.
 */
export function createTicks<T>(
  intervalMs: number,
  make: () => T,
): AsyncIterableIterator<T, undefined> {
  let dueAt = performance.now();
  let ended = false;
  const waiting = new Set<{ timer: NodeJS.Timeout; settle: () => void }>();

  return {
    next() {
      if (ended) return Promise.resolve({ value: undefined, done: true });
      const waitMs = Math.max(0, dueAt - performance.now());
      dueAt = Math.max(dueAt, performance.now()) + intervalMs;
      return new Promise((resolve) => {
        const settle = (): void => {
          clearTimeout(entry.timer);
          waiting.delete(entry);
          resolve(ended ? { value: undefined, done: true } : { value: make(), done: false });
        };
        const entry = { timer: setTimeout(settle, waitMs), settle };
        waiting.add(entry);
      });
    },
    return() {
      ended = true;
      for (const { settle } of waiting) settle();
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
