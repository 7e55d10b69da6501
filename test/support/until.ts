import { setTimeout as pause } from 'node:timers/promises';

const betweenMs = 5;
const atMostMs = 30_000;

/**
 * Resolves as soon as the condition holds: for what has no event to wait for,
 * such as the gateway's counters. Rejects, saying what did not come true, when
 * it has not held for half a minute; no test depends on how long it takes.
 */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  last: () => unknown = () => '',
): Promise<void> {
  const deadline = performance.now() + atMostMs;
  while (!(await holds())) {
    if (performance.now() > deadline) {
      throw new Error(`did not come true: ${what} ${JSON.stringify(last())}`);
    }
    await pause(betweenMs);
  }
}
