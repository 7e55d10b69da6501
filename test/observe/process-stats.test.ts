import { describe, expect, it } from 'vitest';
import { createProcessMonitor } from '../../src/observe/process-stats.ts';
import { until } from '../support/until.ts';

function holdUp(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('the process monitor', () => {
  it('tells the memory, and no delay before it has started', () => {
    const { eventLoopDelayMs, heapUsedBytes, residentBytes } = createProcessMonitor().read();
    expect(eventLoopDelayMs).toBe(0);
    expect(heapUsedBytes).toBeGreaterThan(0);
    expect(residentBytes).toBeGreaterThan(heapUsedBytes / 2);
  });

  it('tells every reader of a stall of the event loop, and then forgets it', async () => {
    const monitor = createProcessMonitor();
    monitor.start();
    try {
      await until('a stall is told', () => {
        // The first may be before the histogram's first tick, from which it measures.
        holdUp(300);
        return monitor.read().eventLoopDelayMs > 200;
      });
      expect(monitor.read().eventLoopDelayMs).toBeGreaterThan(200);
      await until('it is forgotten', () => monitor.read().eventLoopDelayMs < 200);
    } finally {
      monitor.close();
    }
  });
});
