export interface Deadlines<T> {
  /** Starts the deadline of a subject. */
  set(subject: T): void;
  /** Removes the deadline of a subject that is done or gone. */
  clear(subject: T): void;
}

/** One deadline of the same length for many subjects, with one timer for all of them. */
export function createDeadlines<T>(ms: number, late: (subject: T) => void): Deadlines<T> {
  /** When each subject is late. All have the same time, so the first entry is late first. */
  const dueAt = new Map<T, number>();
  let timer: NodeJS.Timeout | undefined;

  function wait(): void {
    const next = dueAt.values().next();
    timer =
      next.done === true
        ? undefined
        : setTimeout(check, Math.max(0, next.value - performance.now())).unref();
  }

  function check(): void {
    const now = performance.now();
    for (const [subject, at] of dueAt) {
      if (at > now) break;
      dueAt.delete(subject);
      late(subject);
    }
    wait();
  }

  return {
    set(subject) {
      dueAt.set(subject, performance.now() + ms);
      if (timer === undefined) wait();
    },
    clear(subject) {
      dueAt.delete(subject);
    },
  };
}
