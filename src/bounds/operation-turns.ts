import type { Holder } from './holder.ts';

/** Runs operations in turns, so that no client blocks the event loop or keeps others waiting. */
export interface OperationTurns {
  /** How many operations wait. */
  readonly waiting: number;
  /**
   * Runs the work. While this turn of the event loop has time left for operations, it
   * runs before `run` returns; otherwise it runs in a later turn, and `run` returns a
   * promise. The operations of one connection run in their order. Connections that have
   * recently used little time go before those that have used much; among equals, they
   * take turns. Only the synchronous part of the work counts.
   */
  run<Result>(holder: Holder, work: () => Result | Promise<Result>): Result | Promise<Result>;
}

export interface OperationTurnsOptions {
  /**
   * The time for all operations of one turn, in milliseconds. The operation that
   * reaches it still finishes. Default: 20.
   */
  readonly sliceMs?: number;
  /** A monotonic clock, in milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
}

/** A connection that has used more than this, in milliseconds, is served after the others. */
const muchMs = 40;
/** The share of time that a connection may use and still be served before others. */
const fairShare = 0.1;

/** The waiting operations of each connection, in the order of the connections' turns. */
type Queues = Map<Holder, (() => void)[]>;

export function createOperationTurns({
  sliceMs = 20,
  now = () => performance.now(),
}: OperationTurnsOptions = {}): OperationTurns {
  const light: Queues = new Map();
  const heavy: Queues = new Map();
  /** The time that each connection has used beyond its share, and when that was measured. */
  const usage = new WeakMap<Holder, { ms: number; at: number }>();
  let waiting = 0;
  let usedMs = 0;
  let scheduled = false;
  /** Whether heavy connections waited through the whole last turn and none of them was served. */
  let heavyIsDue = false;

  function measured<Result>(holder: Holder, work: () => Result): Result {
    const startedAt = now();
    try {
      return work();
    } finally {
      const at = now();
      const ms = at - startedAt;
      usedMs += ms;
      // In a quiet turn nobody waits, so its use is not recorded: a fleet of idle connections takes
      // no entries.
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
    // Heavy connections are never first in two turns in a row: one of their operations may take a
    // whole turn.
    heavyIsDue = !heavyBegan && heavy.size > 0;
    if (heavyBegan) afterPromiseJobs(beginNext);
    else beginNext();
  }

  /** Starts operations while the turn has time left. */
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

  /** Starts the next operation of these queues; false when there is none. */
  function begin(queues: Queues): boolean {
    const next = queues.entries().next();
    if (next.done === true) return false;
    const [holder, queue] = next.value;
    const operation = queue.shift()!;
    queues.delete(holder);
    waiting -= 1;
    operation();
    // Placed after all others, in the queue that fits its use so far.
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
        // Inside a promise, so that the promise rejects with an error that the work throws.
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
 * Calls back in the same turn of the event loop, after every promise job has run: the
 * effects of an operation, and of a client that completes one, are then known before
 * the next operation is admitted. Node.js empties the queue of promise jobs before the
 * queue of ticks, unless ticks are already waiting, so both are needed.
 */
function afterPromiseJobs(callBack: () => void): void {
  queueMicrotask(() => process.nextTick(callBack));
}
