import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProcessStats } from '../metrics/broker-stats.ts';

export interface ProcessMonitor {
  /** Starts to measure the event loop. Until then, its delay is 0. */
  start(): void;
  read(): ProcessStats;
  close(): void;
}

const resolutionMs = 20;
const spanMs = 1_000;

/**
 * Several readers may read at different times: the delay is that of a period, not since
 * the last read, so no reader hides a stall from another.
 */
export function createProcessMonitor(): ProcessMonitor {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  let longestOfLastSpanMs = 0;
  let timer: NodeJS.Timeout | undefined;

  /**
   * The histogram records the time from one tick to the next, which includes the
   * regular wait for the tick.
   */
  function longestMs(): number {
    return delays.count === 0 ? 0 : Math.max(0, delays.max / 1e6 - resolutionMs);
  }

  return {
    start() {
      delays.enable();
      timer ??= setInterval(() => {
        longestOfLastSpanMs = longestMs();
        delays.reset();
      }, spanMs).unref();
    },
    read() {
      const { heapUsed, rss } = process.memoryUsage();
      return {
        eventLoopDelayMs: Math.max(longestOfLastSpanMs, longestMs()),
        heapUsedBytes: heapUsed,
        residentBytes: rss,
      };
    },
    close() {
      clearInterval(timer);
      delays.disable();
    },
  };
}
