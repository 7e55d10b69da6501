import { libraryCaller } from '../../src/kernel/caller.ts';
import type { Holder } from '../../src/bounds/holder.ts';

/** A connection that holds what it takes, and remembers whether it was ended for it. */
export interface TestHolder extends Holder {
  readonly ended: boolean;
}

export function createHolder(who = 'test'): TestHolder {
  let ended = false;
  return {
    caller: libraryCaller(who),
    get ended() {
      return ended;
    },
    terminate() {
      ended = true;
    },
  };
}
