import type { Holder } from './holder.ts';

/** Lets operations work in turns, so that no client holds the event loop, or keeps others waiting. */
export interface OperationTurns {
  /** How many operations wait. */
  readonly waiting: number;
  /**
   * Does the work, before it returns while this turn of the event loop has time
   * for operations, and otherwise, with a promise, in a later one. The operations
   * of one connection have their turns in their order; connections that have
   * recently used little go before those that have used much, and among equals
   * they take turns. What counts is the synchronous part of the work.
   */
  run<Result>(holder: Holder, work: () => Result | Promise<Result>): Result | Promise<Result>;
}

export interface OperationTurnsOptions {
  /** How long the operations of one turn may work together, in milliseconds. The one that reaches it still ends. Default: 20. */
  readonly sliceMs?: number;
  /** A monotonic clock, in milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
}

/** A connection that has used more than this, in milliseconds, goes behind the others. */
const muchMs = 40;
/** The share of time that a connection may use and still go before others. */
const fairShare = 0.1;

/** The operations that wait, in the order in which their connections have their turns. */
type Queues = Map<Holder, (() => void)[]>;

export function createOperationTurns({
  sliceMs = 20,
  now = () => performance.now(),
}: OperationTurnsOptions = {}): OperationTurns {
  const light: Queues = new Map();
  const heavy: Queues = new Map();
  /** What each connection has used beyond its share, and when that was so. */
  const usage = new WeakMap<Holder, { ms: number; at: number }>();
  let waiting = 0;
  let usedMs = 0;
  let scheduled = false;
  /** Connections of heavy use waited through the last turn, and none had its own. */
  let heavyIsDue = false;

  function measured<Result>(holder: Holder, work: () => Result): Result {
    const startedAt = now();
    try {
      return work();
    } finally {
      const at = now();
      const ms = at - startedAt;
      usedMs += ms;
      // Of what is done in a quiet turn nobody waits for, and a fleet of idle connections keeps no account.
      if (waiting > 0 || usedMs > sliceMs / 4) {
        usage.set(holder, { ms: usageOf(holder, startedAt) + ms, at });
      }
      schedule();
    }
  }

  function usageOf(holder: Holder, at: number): number {
    const known = usage.get(holder);
    return known === undefined ? 0 : Math.max(0, known.ms - (at - known.at) * fairShare);
  }

  function enqueue(holder: Holder, queue: (() => void)[]): void {
    (usageOf(holder, now()) > muchMs ? heavy : light).set(holder, queue);
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(turn);
  }

  function turn(): void {
    scheduled = false;
    usedMs = 0;
    const heavyBegan = heavyIsDue && begin(heavy);
    // Not first in two turns in a row: one operation of theirs may take a whole turn.
    heavyIsDue = !heavyBegan && heavy.size > 0;
    if (heavyBegan) afterPromiseJobs(beginNext);
    else beginNext();
  }

  /** For as long as the turn has time. */
  function beginNext(): void {
    if (hasTime() && begin(light)) afterPromiseJobs(beginNext);
    else if (hasTime() && begin(heavy)) {
      heavyIsDue = false;
      afterPromiseJobs(beginNext);
    } else if (waiting > 0) schedule();
  }

  function hasTime(): boolean {
    return usedMs < sliceMs;
  }

  /** Begins the next operation of these; false when there is none. */
  function begin(queues: Queues): boolean {
    const next = queues.entries().next();
    if (next.done === true) return false;
    const [holder, queue] = next.value;
    const operation = queue.shift()!;
    queues.delete(holder);
    waiting -= 1;
    operation();
    // Behind all others, and where what it has used by now belongs.
    if (queue.length > 0) enqueue(holder, queue);
    return true;
  }

  return {
    get waiting() {
      return waiting;
    },
    run(holder, work) {
      if (waiting === 0 && hasTime()) return measured(holder, work);
      waiting += 1;
      return new Promise((resolve) => {
        // Inside a promise, so that it rejects with what the work throws.
        const operation = (): void => resolve((async () => await measured(holder, work))());
        const queue = light.get(holder) ?? heavy.get(holder);
        if (queue === undefined) enqueue(holder, [operation]);
        else queue.push(operation);
        schedule();
      });
    },
  };
}

/**
 * Calls back in the same turn of the event loop, once every promise job has run:
 * what an operation opens, and what a client completes, is known before the next
 * operation is admitted. Node.js empties the queue of promise jobs before that of
 * ticks, unless ticks wait already, hence both.
 */
function afterPromiseJobs(callBack: () => void): void {
  queueMicrotask(() => process.nextTick(callBack));
}
