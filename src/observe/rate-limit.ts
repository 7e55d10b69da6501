export interface RateLimitOptions<Subject> {
  readonly intervalMs: number;
  /** How many keys are distinguished within an interval; events of further keys get the key `others`. */
  readonly maxKeys?: number;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
  /** Called with the newest event of a key and the number of events since the last call. MUST NOT throw. */
  readonly say: (key: string, subject: Subject, count: number) => void;
}

export interface RateLimit<Subject> {
  /** Records `count` events. A count of 0 is reported too. */
  readonly event: (key: string, subject: Subject, count?: number) => void;
  /** Reports the events that are not reported yet. */
  readonly close: () => void;
}

/** The key of events beyond `maxKeys`. */
export const others = 'others';

interface Entry<Subject> {
  readonly saidAt: number;
  /** The subject of the newest event. */
  subject: Subject;
  /** Whether events have come since `saidAt`; `count` is how many they stand for. */
  isBehind: boolean;
  count: number;
}

/**
 * Reports the first event of a key at once, and then at most once per interval with the
 * number of events, so a flood of one kind costs one log line per interval. Events that
 * are left at the end of an interval are reported then: the last event is never lost. A
 * key without events is forgotten after an interval, so a client may choose the keys.
 */
export function createRateLimit<Subject>({
  intervalMs,
  maxKeys = 1_000,
  now,
  say,
}: RateLimitOptions<Subject>): RateLimit<Subject> {
  /** The entries in the order in which they were reported, which is the order in which they are due. */
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
