import { BackOff, type BackOffOptions } from './back-off.ts';
import type { Attachment, Connection } from './connection.ts';
import { deferred, type Deferred } from './deferred.ts';
import type { Failure } from './failure.ts';
import { LinkFailure, type Link, type Operation } from './link.ts';
import { SluiceError } from './sluice-error.ts';

/** What a stream asks the gateway, and what it makes of the answers. */
export interface Feed<T> {
  /** Whether it knows where it stands: it can then be stopped and go on without a loss. */
  readonly isResumable: boolean;
  /** Finds out what `operation` needs to know. Rejects with a `LinkFailure`. Undefined: it knows. */
  prepare(link: Link): Promise<void> | undefined;
  /** What to ask now; undefined: nothing. */
  operation(): Operation | undefined;
  /** What the consumer gets of an answer; undefined: nothing. */
  take(data: unknown): T | undefined;
}

export interface OperationStreamOptions extends BackOffOptions {
  readonly maxBuffered: number;
  readonly signal: AbortSignal | undefined;
}

/** An operation that has run for so long, after others have failed, is served: a silent device sends nothing that says so. */
const servedAfterMs = 5000;

const done: IteratorReturnResult<undefined> = { value: undefined, done: true };

/**
 * An operation as an async iterator, over one link after the other. Answers wait
 * in a buffer that is bounded: when it is full, an operation that can be resumed
 * is stopped until half of it was taken, and of any other the oldest answers go.
 */
export class OperationStream<T> implements AsyncIterableIterator<T, undefined>, Attachment {
  readonly #connection: Connection;
  readonly #feed: Feed<T>;
  readonly #options: OperationStreamOptions;
  readonly #backOff: BackOff;
  readonly #waiting: Deferred<IteratorResult<T, undefined>>[] = [];
  #buffer: T[] = [];
  #link: Link | undefined;
  /** Stops the operation that runs. */
  #stop: (() => void) | undefined;
  /** Of the preparation that counts. */
  #preparation = 0;
  #isFull = false;
  #isOver = false;
  #error: SluiceError | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #proof: ReturnType<typeof setTimeout> | undefined;

  constructor(connection: Connection, feed: Feed<T>, options: OperationStreamOptions) {
    this.#connection = connection;
    this.#feed = feed;
    this.#options = options;
    this.#backOff = new BackOff(options);
    if (options.signal?.aborted === true) {
      this.#isOver = true;
      return;
    }
    options.signal?.addEventListener('abort', this.#aborted, { once: true });
    connection.attach(this);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#buffer.length > 0) {
      const value = this.#buffer.shift()!;
      if (this.#isFull && this.#buffer.length <= this.#options.maxBuffered / 2) {
        this.#isFull = false;
        this.restart();
      }
      return Promise.resolve({ value, done: false });
    }
    if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#isOver) return Promise.resolve(done);
    const waiting = deferred<IteratorResult<T, undefined>>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#buffer = [];
    this.#error = undefined;
    this.#end();
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** What it asks has changed. What runs goes on until what follows it can take over. */
  restart(): void {
    const link = this.#link;
    clearTimeout(this.#retry);
    if (link === undefined || this.#isFull || this.#isOver) return;
    const preparation = (this.#preparation += 1);
    const prepared = this.#feed.prepare(link);
    if (prepared === undefined) {
      this.#run(link);
      return;
    }
    void this.#runPrepared(link, preparation, prepared);
  }

  linkUp(link: Link): void {
    this.#link = link;
    this.restart();
  }

  linkDown(): void {
    this.#link = undefined;
    this.#preparation += 1;
    this.#stop = undefined;
    clearTimeout(this.#retry);
    clearTimeout(this.#proof);
  }

  closed(error: SluiceError | undefined): void {
    this.#end(error);
  }

  async #runPrepared(link: Link, preparation: number, prepared: Promise<void>): Promise<void> {
    try {
      await prepared;
    } catch (error) {
      if (!(error instanceof LinkFailure)) throw error;
      if (preparation === this.#preparation) this.#failed(error.failure);
      return;
    }
    if (preparation === this.#preparation) this.#run(link);
  }

  #run(link: Link): void {
    const stopFormer = this.#stop;
    const operation = this.#feed.operation();
    if (this.#backOff.attempt > 0) {
      clearTimeout(this.#proof);
      this.#proof = setTimeout(() => this.#served(), servedAfterMs);
    }
    this.#stop =
      operation &&
      link.run(operation, {
        next: ({ data }) => this.#take(data),
        ended: (failure) => {
          this.#stop = undefined;
          if (failure === undefined) this.#end();
          else this.#failed(failure);
        },
      });
    // Behind the new one, so that a moment without either costs no connection. In between, nothing can arrive.
    stopFormer?.();
  }

  #take(data: unknown): void {
    const value = this.#feed.take(data);
    if (value === undefined) return;
    if (this.#backOff.attempt > 0) this.#served();
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting.resolve({ value, done: false });
      return;
    }
    this.#buffer.push(value);
    if (this.#buffer.length < this.#options.maxBuffered) return;
    if (!this.#feed.isResumable) {
      if (this.#buffer.length > this.#options.maxBuffered) this.#buffer.shift();
      return;
    }
    this.#isFull = true;
    this.#halt();
  }

  #failed(failure: Failure | undefined): void {
    // What concerns the connection is told by that.
    if (failure !== undefined && failure.of !== 'operation') {
      if (failure.of === 'token') this.#connection.refused(failure, this.#link);
      return;
    }
    if (failure !== undefined && !failure.passes) {
      this.#end(failure.error);
      return;
    }
    this.#halt();
    this.#retry = setTimeout(() => this.restart(), this.#backOff.next());
    const error = failure?.error ?? new SluiceError('CONNECTION_FAILED', 'the answer has no data');
    this.#connection.unserved(this, error, this.#backOff.attempt);
  }

  #served(): void {
    clearTimeout(this.#proof);
    this.#backOff.reset();
    this.#connection.served(this);
  }

  #halt(): void {
    this.#preparation += 1;
    clearTimeout(this.#retry);
    clearTimeout(this.#proof);
    const stop = this.#stop;
    this.#stop = undefined;
    stop?.();
  }

  readonly #aborted = (): void => void this.return();

  #end(error?: SluiceError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#halt();
    this.#link = undefined;
    this.#options.signal?.removeEventListener('abort', this.#aborted);
    this.#connection.detach(this);
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (this.#error === undefined) {
        resolve(done);
      } else {
        reject(this.#error);
        this.#error = undefined;
      }
    }
  }
}
