import { setTimeout as delay } from 'node:timers/promises';
import { residentKib } from './proc.ts';

/**
 * The resident set once it has come to rest: the smallest of several readings, before each of which a
 * Node server is asked for a full collection. V8 gives pages back some time after the collection.
 */
export async function settledKib(
  pid: number,
  collects: boolean,
  readings: number,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < readings; i++) {
    if (collects) process.kill(pid, 'SIGUSR2');
    await delay(300);
    least = Math.min(least, residentKib(pid));
  }
  return least;
}
