/**
 * Lets the first event of a key through, and then one in each interval that
 * says how many it stands for, so that a flood of one kind costs one log line
 * per interval. Keys are the program's own (reasons), never a client's: there
 * is an entry for each, for good.
 */
export function createRateLimit(
  intervalMs: number,
  now: () => number,
): (key: string, say: (count: number) => void) => void {
  const entries = new Map<string, { saidAt: number; silenced: number }>();
  return (key, say) => {
    const at = now();
    const entry = entries.get(key);
    if (entry === undefined) {
      entries.set(key, { saidAt: at, silenced: 0 });
      say(1);
    } else if (at - entry.saidAt >= intervalMs) {
      const count = entry.silenced + 1;
      entry.saidAt = at;
      entry.silenced = 0;
      say(count);
    } else {
      entry.silenced += 1;
    }
  };
}
