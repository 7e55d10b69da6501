export interface RateLimitOptions<Subject> {
  readonly intervalMs: number;
  /** How many keys are told apart within an interval; the events of further ones have the key `others`. */
  readonly maxKeys?: number;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Told of the newest event of a key, and of how many have come since the last time. MUST NOT throw. */
  readonly say: (key: string, subject: Subject, count: number) => void;
}

export interface RateLimit<Subject> {
  /** Stands for `count` events; one of none is said as well. */
  readonly event: (key: string, subject: Subject, count?: number) => void;
  /** Says what was not said yet. */
  readonly close: () => void;
}

/** The key of events for which there is no more room. */
export const others = 'others';

interface Entry<Subject> {
  readonly saidAt: number;
  /** Of the newest event. */
  subject: Subject;
  /** Whether events have come since then, and for how many they stand. */
  isBehind: boolean;
  count: number;
}

/**
 * Says the first event of a key at once, and then one in each interval that
 * says how many it stands for, so that a flood of one kind costs one log line
 * per interval. What is left at the end of an interval is said then: the last
 * event is never lost. A key without events is forgotten after an interval, so
 * keys may be a client's.
 */
export function createRateLimit<Subject>({
  intervalMs,
  maxKeys = 1_000,
  now,
  say,
}: RateLimitOptions<Subject>): RateLimit<Subject> {
  /** In the order in which they were said, and so in that in which they are due. */
  const entries = new Map<string, Entry<Subject>>();
  let timer: NodeJS.Timeout | undefined;

  function begin(key: string, subject: Subject, count: number): void {
    entries.delete(key);
    entries.set(key, { saidAt: now(), subject, isBehind: false, count: 0 });
    say(key, subject, count);
    timer ??= setTimeout(sweep, intervalMs).unref();
  }

  function sweep(): void {
    timer = undefined;
    const due = now() - intervalMs;
    for (const [key, { saidAt, subject, isBehind, count }] of entries) {
      if (saidAt > due) {
        timer ??= setTimeout(sweep, saidAt - due).unref();
        return;
      }
      entries.delete(key);
      if (isBehind) begin(key, subject, count);
    }
  }

  return {
    event(key, subject, count = 1) {
      const known = entries.has(key) || entries.size < maxKeys ? key : others;
      const entry = entries.get(known);
      if (entry === undefined) {
        begin(known, subject, count);
        return;
      }
      entry.subject = subject;
      entry.isBehind = true;
      entry.count += count;
      if (now() - entry.saidAt >= intervalMs) begin(known, subject, entry.count);
    },
    close() {
      clearTimeout(timer);
      for (const [key, { subject, isBehind, count }] of entries) {
        if (isBehind) say(key, subject, count);
      }
      entries.clear();
    },
  };
}
