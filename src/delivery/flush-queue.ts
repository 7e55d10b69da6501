import type { Joiner } from './joiner.ts';

/** Something with data to flush. */
export interface Flushable {
  /** MUST NOT throw: others are flushed after it. */
  flush(): void;
}

/**
 * The maximum time for which frames are joined while the ingest is behind. Messages
 * that wait in the kernel then are later than that, and every extra write delays them
 * more: with joining, the throughput of 1,000 devices with one subscriber each nearly
 * doubles.
 */
const longestJoinMs = 25;

/**
 * The outboxes that have data to flush. They are flushed at the end of this turn of the
 * event loop, or a few turns later while many messages wait to be read, so that their
 * frames can leave in the same writes. At light load nothing waits longer than its
 * turn.
 */
export class FlushQueue {
  readonly joiner: Joiner;
  readonly #isBehind: () => boolean;
  #due: Flushable[] = [];
  #since = 0;

  /**
   * `isBehind`: whether the ingest has read as much as it can at once, and more is
   * waiting. Called once per turn.
   */
  constructor(joiner: Joiner, isBehind: () => boolean = () => false) {
    this.joiner = joiner;
    this.#isBehind = isBehind;
  }

  add(outbox: Flushable): void {
    // Runs after the poll phase has delivered everything that had arrived: that is the end of the
    // turn.
    if (this.#due.length === 0) {
      this.#since = performance.now();
      setImmediate(() => this.#end());
    }
    this.#due.push(outbox);
  }

  #end(): void {
    if (this.#isBehind() && performance.now() - this.#since < longestJoinMs) {
      setImmediate(() => this.#end());
      return;
    }
    const due = this.#due;
    this.#due = [];
    for (const outbox of due) outbox.flush();
  }
}
