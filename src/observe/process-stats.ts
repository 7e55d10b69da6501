import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProcessStats } from '../metrics/broker-stats.ts';

export interface ProcessMonitor {
  /** Begins to measure the event loop: until then its delay is 0. */
  start(): void;
  read(): ProcessStats;
  close(): void;
}

const resolutionMs = 20;
const spanMs = 1_000;

/**
 * Several may read at their own pace: the delay is of a span of time and not
 * since the last reading, so that none takes a stall away from another.
 */
export function createProcessMonitor(): ProcessMonitor {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  let longestOfLastSpanMs = 0;
  let timer: NodeJS.Timeout | undefined;

  /** What the histogram records is from one of its ticks to the next, the wait for the tick included. */
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
