/** How many messages are due, at a rate that is held over any length of time. */
export interface Pace {
  /** How many became due since it was last asked. */
  due(time: number): number;
}

export interface PaceOptions {
  readonly perSecond: number;
  /** In the milliseconds of the clock that is handed to `due`. */
  readonly startedAt: number;
}

export function createPace({ perSecond, startedAt }: PaceOptions): Pace {
  let told = 0;
  return {
    due(time) {
      // Counted from the start: the fractions of a message that are left over in each step would otherwise
      // add up to a lower rate.
      const all = Math.floor(((time - startedAt) * perSecond) / 1_000);
      const due = Math.max(0, all - told);
      told += due;
      return due;
    },
  };
}
