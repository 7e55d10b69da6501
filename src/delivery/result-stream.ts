import type { ExecutionResult } from 'graphql';

/**
 * The results of an event stream, one execution for each event: the ordinary
 * path, for whatever cannot be shared between subscribers.
 *
 * graphql-js has the same inside `subscribe()`, from which it cannot be had for
 * a source stream that was made before.
 */
export class ResultStream implements AsyncIterableIterator<ExecutionResult, undefined> {
  readonly #events: AsyncIterator<unknown>;
  readonly #execute: (event: unknown) => ExecutionResult | Promise<ExecutionResult>;

  constructor(
    source: AsyncIterable<unknown>,
    execute: (event: unknown) => ExecutionResult | Promise<ExecutionResult>,
  ) {
    this.#events = source[Symbol.asyncIterator]();
    this.#execute = execute;
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    const event = await this.#events.next();
    if (event.done === true) return { value: undefined, done: true };
    return { value: await this.#execute(event.value), done: false };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#events.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
