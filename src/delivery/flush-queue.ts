import type { Joiner } from './joiner.ts';

/** What has something due. */
export interface Flushable {
  /** MUST NOT throw: others are flushed behind it. */
  flush(): void;
}

/**
 * How long frames are joined at most while the ingest is behind. What waits in
 * the kernel by then is late by more, and grows later with each write that
 * could have been spared: with it, 1,000 devices of one subscriber each go
 * through nearly twice as fast.
 */
const longestJoinMs = 25;

/**
 * The outboxes with something due, which are flushed at the end of this turn of
 * the event loop; or a few turns later, while so many messages are waiting to
 * be read that what they bring can leave in the same writes. At light load
 * nothing waits longer than its turn.
 */
export class FlushQueue {
  readonly joiner: Joiner;
  readonly #isBehind: () => boolean;
  #due: Flushable[] = [];
  #since = 0;

  /** `isBehind`: whether the ingest has read all that it can at once, and has left more. Asked once in a turn. */
  constructor(joiner: Joiner, isBehind: () => boolean = () => false) {
    this.joiner = joiner;
    this.#isBehind = isBehind;
  }

  add(outbox: Flushable): void {
    // After the poll phase has handed over all that had arrived: that is the turn.
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
