export interface ResultStreamOptions {
  /** The text of the result of one event. */
  readonly textOf: (event: unknown) => string | Promise<string>;
  /** Called once, when the stream has ended or its consumer has stopped. */
  readonly ended: () => void;
}

/** The results of an event stream, each as text. */
export class ResultStream implements AsyncIterableIterator<string, undefined> {
  readonly #events: AsyncIterator<unknown>;
  readonly #options: ResultStreamOptions;
  #ended = false;

  constructor(source: AsyncIterable<unknown>, options: ResultStreamOptions) {
    this.#events = source[Symbol.asyncIterator]();
    this.#options = options;
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    try {
      const event = await this.#events.next();
      if (event.done !== true) {
        const value = await this.#options.textOf(event.value);
        // The consumer may have stopped while the result waited for its turn.
        if (!this.#ended) return { value, done: false };
      }
      this.#end();
      return { value: undefined, done: true };
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#end();
    await this.#events.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.ended();
  }
}
