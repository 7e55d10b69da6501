import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import { makeServer, type Server } from 'graphql-ws';
import { limitExceeded } from '../../schema/errors.ts';
import type { EndReason } from '../broker/end-reason.ts';
import type { Subscription } from '../broker/subscription.ts';
import { performOperation, prepareOperation, type Operation } from '../delivery/operation.ts';
import { publicError, publicResult } from '../delivery/public-error.ts';
import type { Wire } from '../delivery/rendering.ts';
import { schemaContext, type TransportContext } from './transport-context.ts';
import type { WebSocketConnection } from './websocket-connection.ts';

/** What the protocol core carries for us with each connection. */
interface Extra {
  readonly connection: WebSocketConnection;
}

/** Execution arguments that lead back to the operation and its connection. */
interface Args extends ExecutionArgs {
  readonly sluice: {
    readonly operation: Operation;
    readonly id: string;
    readonly connection: WebSocketConnection;
  };
}

/** The body of a `next` message, behind the head that names the operation: see `headOf`. */
const wire: Wire = { encode: (text) => Buffer.from(`${text}}`) };

/**
 * graphql-transport-ws. The core of graphql-ws owns the protocol. For device
 * messages the iterator that it holds yields nothing and settles when the
 * subscription ends: the messages themselves go past it, from dispatch into the
 * connection's outbox.
 */
export function createGraphqlWebSocketServer(context: TransportContext): Server<Extra> {
  const { schema, check, selections, logger, limits } = context;
  const hide = (error: unknown): GraphQLError =>
    publicError(error, (err) => logger.error({ err }, 'An operation failed'));

  async function perform(
    args: Args,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const { operation, id, connection } = args.sluice;
    const outcome = await performOperation(
      schema,
      selections,
      operation,
      schemaContext(context, connection.who, () =>
        connection.pump.size < limits.maxSubscriptionsPerConnection
          ? undefined
          : limitExceeded(
              `One connection takes at most ${limits.maxSubscriptionsPerConnection} subscriptions.`,
            ),
      ),
    );
    switch (outcome.kind) {
      case 'result':
        return outcome.result;
      case 'results':
        return outcome.results;
      case 'messages': {
        const { subscription, selection } = outcome;
        const life = new SubscriptionLife(subscription);
        connection.pump.add({
          subscription,
          rendering: selection.rendering(wire),
          head: () => headOf(id),
          ended(reason, error) {
            selections.release(selection);
            life.ended(reason, error === undefined ? undefined : hide(error));
          },
        });
        return life;
      }
    }
  }

  return makeServer<Record<string, unknown>, Extra>({
    onSubscribe(ctx, id, { query, operationName, variables }) {
      if (Object.keys(ctx.subscriptions).length > limits.maxSubscriptionsPerConnection) {
        return [
          limitExceeded(
            `One connection takes at most ${limits.maxSubscriptionsPerConnection} operations at a time.`,
          ),
        ];
      }
      const prepared = prepareOperation(check, { query, operationName, variables });
      if (!prepared.ok) return prepared.errors;
      const { operation } = prepared;
      const args: Args = {
        schema,
        document: operation.document,
        operationName: operation.operationName,
        variableValues: operation.variables,
        contextValue: undefined,
        sluice: { operation, id, connection: ctx.extra.connection },
      };
      return args;
    },
    // Both get the very object that onSubscribe returned.
    execute: (args) => perform(args as Args),
    subscribe: (args) => perform(args as Args),
    // A subscription that was refused is an operation that failed: `error`, and nothing after it.
    onOperation(_ctx, _id, _payload, _args, result) {
      if (!('errors' in result) || result.errors === undefined || result.data !== undefined) return;
      return new FailedOperation(result.errors);
    },
    onNext(_ctx, _id, _payload, _args, result) {
      return publicResult(result, hide);
    },
    onError(_ctx, _id, _payload, errors) {
      return errors
        .flatMap((error) =>
          error.originalError instanceof OperationErrors ? error.originalError.errors : [error],
        )
        .map((error) => hide(error).toJSON());
    },
  });
}

/** `{"id":"…","type":"next","payload":`, which the rendered bytes complete. */
function headOf(id: string): Buffer {
  const text = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  // Not from the pool: what lives as long as its subscription would keep a slab
  // of 8 KiB or more alive for a hundred bytes.
  const head = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  head.write(text);
  return head;
}

/** Several errors of one operation on their way through the protocol core, which carries one. */
class OperationErrors extends Error {
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super('The operation failed.');
    this.errors = errors;
  }
}

/** Makes the protocol core send an `error` message. */
class FailedOperation implements AsyncIterableIterator<ExecutionResult, undefined> {
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

/** Yields nothing, and settles when the subscription ends. */
class SubscriptionLife implements AsyncIterableIterator<ExecutionResult, undefined> {
  readonly #subscription: Subscription;
  #end: { error: GraphQLError | undefined } | undefined;
  #settle: (() => void) | undefined;

  constructor(subscription: Subscription) {
    this.#subscription = subscription;
  }

  ended(reason: EndReason, error: GraphQLError | undefined): void {
    // To a client that shall come back, `complete` would say that the stream is
    // over: it hears of a shutdown by the close of the connection.
    if (reason === 'SHUTTING_DOWN') return;
    this.#end = { error };
    this.#settle?.();
  }

  next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    return new Promise((resolve, reject) => {
      this.#settle = () => {
        const error = this.#end?.error;
        if (error === undefined) resolve({ value: undefined, done: true });
        else reject(error);
      };
      if (this.#end !== undefined) this.#settle();
    });
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#subscription.end('CLIENT_COMPLETED');
    this.#settle?.();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
