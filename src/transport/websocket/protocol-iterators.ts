import type { ExecutionResult, GraphQLError } from 'graphql';
import type { EndReason } from '../../kernel/end-reason.ts';
import type { QueuedSubscription } from '../../broker/queued-subscription.ts';
import type { MessagesOutcome } from '../../delivery/outcome.ts';
import type { OutgoingStream } from '../../delivery/outgoing-streams.ts';
import type { Rendering, Wire } from '../../delivery/rendering.ts';
import type { Selection } from '../../delivery/selection.ts';
import { deflated, stored } from '../../delivery/websocket-framing.ts';
import type { GraphqlConnection } from './graphql-connection.ts';

/** The body of a `next` message, after the head that names the operation: {@link MessageStream}. */
const wire: Wire = { encode: (text) => Buffer.from(`${text}}`) };
const compressedWire: Wire = { encode: (text) => deflated(`${text}}`) };

/** An empty iterator for the protocol core: everything has been sent already. */
export class Nothing implements AsyncIterableIterator<ExecutionResult, undefined> {
  next(): Promise<IteratorReturnResult<undefined>> {
    return Promise.resolve(done);
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/**
 * Results that bypass the protocol core, which would print them again: it holds an
 * iterator that yields nothing, and settles when they end.
 */
export class ResultTexts implements AsyncIterableIterator<ExecutionResult, undefined> {
  readonly #connection: GraphqlConnection;
  readonly #id: string;
  readonly #texts: AsyncIterator<string, undefined>;
  #open = true;

  constructor(
    connection: GraphqlConnection,
    id: string,
    texts: AsyncIterableIterator<string, undefined>,
  ) {
    this.#connection = connection;
    this.#id = id;
    this.#texts = texts;
    connection.statsStreams += 1;
  }

  async next(): Promise<IteratorReturnResult<undefined>> {
    try {
      for (;;) {
        const { value, done: ended } = await this.#texts.next();
        if (ended === true || !this.#open) return done;
        // Each result is the current state: a slow client gets fewer of them.
        if (this.#connection.outgoing.outbox.writable) this.#connection.sendAnswer(this.#id, value);
      }
    } finally {
      this.#end();
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#end();
    await this.#texts.return?.();
    return done;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#connection.statsStreams -= 1;
  }
}

/** Several errors of one operation in one error, because the protocol core passes only one. */
export class OperationErrors extends Error {
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super('The operation failed.');
    this.errors = errors;
  }
}

/** Makes the protocol core send an `error` message. */
export class FailedOperation implements AsyncIterableIterator<ExecutionResult, undefined> {
  readonly #errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    this.#errors = errors;
  }

  next(): Promise<never> {
    return Promise.reject(new OperationErrors(this.#errors));
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/**
 * A device message stream that bypasses the protocol core, which holds it as an
 * iterator: the iterator yields nothing, and settles when the subscription ends.
 */
export class MessageStream
  implements OutgoingStream, AsyncIterableIterator<ExecutionResult, undefined>
{
  readonly subscription: QueuedSubscription;
  readonly rendering: Rendering;
  readonly #connection: GraphqlConnection;
  readonly #id: string;
  readonly #selection: Selection;
  #result: IteratorReturnResult<undefined> | Promise<never> | undefined;
  #settle: ((result: IteratorReturnResult<undefined> | Promise<never>) => void) | undefined;

  constructor(
    connection: GraphqlConnection,
    id: string,
    { subscription, selection }: MessagesOutcome,
  ) {
    this.subscription = subscription;
    this.rendering = selection.rendering(connection.compressed ? compressedWire : wire);
    this.#connection = connection;
    this.#id = id;
    this.#selection = selection;
  }

  /** `{"id":"…","type":"next","payload":`, which the rendered bytes complete. */
  head(): Buffer {
    const text = `{"id":${JSON.stringify(this.#id)},"type":"next","payload":`;
    // Not from the pool of buffers: a hundred bytes that live as long as their subscription would
    // keep a slab of 8 KiB or more in memory.
    const head = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
    head.write(text);
    return this.#connection.compressed ? stored(head) : head;
  }

  ended(reason: EndReason, error: Error | undefined): void {
    const { selections, hide } = this.#connection.context;
    selections.release(this.#selection, this.#connection);
    // For a client that has to reconnect, `complete` would mean that the stream is over: the close
    // of the connection tells it about a shutdown.
    if (reason === 'SHUTTING_DOWN') return;
    this.#end(error === undefined ? done : Promise.reject(hide(error)));
  }

  next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    return new Promise((resolve) => {
      if (this.#result === undefined) this.#settle = resolve;
      else resolve(this.#result);
    });
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.subscription.end('CLIENT_COMPLETED');
    this.#end(done);
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(result: IteratorReturnResult<undefined> | Promise<never>): void {
    this.#result ??= result;
    // A later `next` reports it, if there is one; nobody else waits for it.
    if (result instanceof Promise) result.catch(() => {});
    this.#settle?.(this.#result);
  }
}

const done: IteratorReturnResult<undefined> = { value: undefined, done: true };
