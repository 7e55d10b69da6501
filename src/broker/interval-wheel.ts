/** Something that is woken at the end of an interval. `wake` MUST NOT throw. */
export interface Waking {
  wake(): void;
}

export interface IntervalWheel {
  /**
   * Calls `wake` of the sleeper once, `ms` from now. When called from inside `wake`,
   * the interval counts from the time at which that call was due, so repeated intervals
   * do not drift.
   */
  wake(sleeper: Waking, ms: number): void;
  close(): void;
}

const tickMs = 10;
const slots = 512;

interface Sleeper {
  readonly sleeper: Waking;
  /** Ticks since the wheel was made. */
  readonly dueTick: number;
}

/**
 * One timer for intervals of any length: a wheel whose slots are 10 ms each. It runs
 * only while something waits for it.
 */
export function createIntervalWheel(): IntervalWheel {
  const startedAt = performance.now();
  const wheel: Sleeper[][] = Array.from({ length: slots }, () => []);
  let sleeping = 0;
  let timer: NodeJS.Timeout | undefined;
  /** Everything before this tick has been woken. */
  let tick = 0;
  /** The tick whose sleepers are being woken. */
  let waking: number | undefined;

  function now(): number {
    return Math.floor((performance.now() - startedAt) / tickMs);
  }

  function turn(): void {
    const until = now();
    for (; tick <= until; tick += 1) {
      const slot = wheel[tick % slots]!;
      if (slot.length === 0) continue;
      const due = slot.filter(({ dueTick }) => dueTick <= tick);
      if (due.length === 0) continue;
      wheel[tick % slots] = slot.filter(({ dueTick }) => dueTick > tick);
      sleeping -= due.length;
      waking = tick;
      for (const { sleeper } of due) sleeper.wake();
      waking = undefined;
    }
    if (sleeping === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  }

  return {
    wake(sleeper, ms) {
      if (timer === undefined) {
        tick = now();
        timer = setInterval(turn, tickMs).unref();
      }
      const ticks = Math.max(1, Math.ceil(ms / tickMs));
      // The current tick does not count. After the process has stalled, missed ticks are not made
      // up for.
      const dueTick = Math.max((waking ?? now() + 1) + ticks, tick + 1);
      wheel[dueTick % slots]!.push({ sleeper, dueTick });
      sleeping += 1;
    },
    close() {
      clearInterval(timer);
    },
  };
}
