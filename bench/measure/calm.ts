import { setTimeout as delay } from 'node:timers/promises';
import { cpuMicros, machineMicros } from './proc.ts';

const lookMs = 500;
const calmBelow = 0.1;

/** Waits until other processes leave the machine alone, but not for ever: the table says who did not. */
export async function awaitCalm(longestMs: number): Promise<void> {
  const deadline = performance.now() + longestMs;
  for (;;) {
    const before = machineMicros() - cpuMicros(process.pid);
    await delay(lookMs);
    const others = machineMicros() - cpuMicros(process.pid) - before;
    if (others < calmBelow * lookMs * 1000 || performance.now() > deadline) return;
  }
}
