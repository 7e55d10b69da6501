import type { Failure } from './failure.ts';
import type { GraphqlError } from './sluice-error.ts';

/** What carries operations to the gateway. */
export type TransportKind = 'ws' | 'sse';

export interface Operation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** One answer to an operation. */
export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly GraphqlError[];
}

export interface OperationSink {
  /** An answer. */
  next(answer: Answer): void;
  /** Nothing more comes: the gateway has completed it, or it has failed. Not called once it was stopped. */
  ended(failure: Failure | undefined): void;
}

/**
 * One connection to the gateway, from its beginning to its end.
 *
 * - `run` MUST NOT be called before `ready`.
 * - It MUST call `failed` once, and no sink any more after that, when it is of no use any more.
 * - It MUST NOT come back by itself: whoever made it knows what has changed meanwhile.
 */
export interface Link {
  readonly transport: TransportKind;
  run(operation: Operation, sink: OperationSink): () => void;
  /** Finds out now whether the other side is there. */
  probe(): void;
  /** Ends it for good, without a word to `failed`. Resolves when nothing of it is left. */
  close(): Promise<void>;
}

export interface LinkEvents {
  /** It takes operations. */
  ready(): void;
  /** The gateway has answered; again with the time that a ping took. */
  live(latencyMs?: number): void;
  failed(failure: Failure): void;
}

/** Asks once over a link. Rejects with a `LinkFailure`. */
export function ask(link: Link, operation: Operation): Promise<unknown> {
  return new Promise((resolve, reject) => {
    link.run(operation, {
      next: ({ data }) => resolve(data),
      // Without effect when there was an answer.
      ended: (failure) => reject(new LinkFailure(failure)),
    });
  });
}

/** A failure on its way through a promise. `failure` is undefined when there was simply no answer. */
export class LinkFailure extends Error {
  readonly failure: Failure | undefined;

  constructor(failure: Failure | undefined) {
    super('The link failed.');
    this.failure = failure;
  }
}
