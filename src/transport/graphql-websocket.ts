import {
  Kind,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
} from 'graphql';
import {
  makeServer,
  type Server,
  type SubscribePayload,
  type WebSocket as ProtocolSocket,
} from 'graphql-ws';
import type { RawData } from 'ws';
import type { Quota } from '../../schema/builder.ts';
import { badUserInput, limitExceeded } from '../../schema/errors.ts';
import type { EndReason } from '../broker/end-reason.ts';
import type { Subscription } from '../broker/subscription.ts';
import {
  performOperation,
  prepareOperation,
  type MessagesOutcome,
  type Outcome,
} from '../delivery/operation.ts';
import type { OutgoingStream } from '../delivery/pump.ts';
import type { Rendering, Wire } from '../delivery/rendering.ts';
import type { Selection } from '../delivery/selection.ts';
import { deflated, stored } from '../delivery/websocket-framing.ts';
import { CloseCode } from './close-code.ts';
import { quotaOf } from './connection-quota.ts';
import { createDeadlines } from './deadline.ts';
import { schemaContext, type TransportContext } from './transport-context.ts';
import { WebSocketConnection, type WebSocketConnectionOptions } from './websocket-connection.ts';

/** Execution arguments that lead back to the operation and its connection. */
interface Args extends ExecutionArgs {
  readonly id: string;
  readonly connection: GraphqlConnection;
  /** Nothing once it has been read, as the document: the protocol core keeps these arguments for as long as the stream lasts. */
  outcome: Outcome | Promise<Outcome> | null;
  document: DocumentNode;
}

/** How long a client may take to say `connection_init`. */
const connectionInitTimeoutMs = 3_000;

/** In characters. Each message of a subscription begins with its id; a UUID has 36. */
const maxIdLength = 1_024;

/** The body of a `next` message, behind the head that names the operation: see `MessageStream`. */
const wire: Wire = { encode: (text) => Buffer.from(`${text}}`) };
const compressedWire: Wire = { encode: (text) => deflated(`${text}}`) };

/**
 * graphql-transport-ws. The core of graphql-ws owns the protocol. For device
 * messages the iterator that it holds yields nothing and settles when the
 * subscription ends: the messages themselves go past it, from dispatch into the
 * connection's outbox.
 */
export function createGraphqlWebSocketServer(
  context: TransportContext,
): (options: WebSocketConnectionOptions) => void {
  const { schema, check, refusals, limits, hide } = context;
  const deadlines = createDeadlines<GraphqlConnection>(connectionInitTimeoutMs, (connection) => {
    connection.close(
      CloseCode.ConnectionInitialisationTimeout,
      'Connection initialisation timeout',
    );
  });

  async function outcomeOf(
    args: Args,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const { id, connection } = args;
    const performed = args.outcome!;
    args.outcome = null;
    args.document = nothing;
    const outcome = await performed;
    switch (outcome.kind) {
      case 'answer': {
        const { hasData, errors, text } = outcome.answer;
        if (!hasData) return { errors };
        // Past the core, whose JSON.stringify would read each payload and print it again.
        if (connection.sendAnswer(id, text)) return new Nothing();
        return { errors: [limitExceeded('Too many answers wait for clients that do not read.')] };
      }
      case 'results':
        return new ResultTexts(connection, id, outcome.results);
      case 'messages': {
        const stream = new MessageStream(connection, id, outcome);
        connection.pump.add(stream);
        return stream;
      }
    }
  }

  const server = makeServer<Record<string, unknown>, GraphqlConnection>({
    // Its own would be a timer for each connection, kept for as long as the connection.
    connectionInitWaitTimeout: 0,
    onConnect(ctx) {
      deadlines.clear(ctx.extra);
      // Nobody reads them, and they would be kept for as long as the connection.
      delete (ctx as { connectionParams?: unknown }).connectionParams;
    },
    onClose({ extra }) {
      deadlines.clear(extra);
    },
    onSubscribe(ctx, id, payload) {
      if (Object.keys(ctx.subscriptions).length > limits.maxSubscriptionsPerConnection) {
        refusals.count('SUBSCRIPTIONS');
        return [
          limitExceeded(
            `One connection takes at most ${limits.maxSubscriptionsPerConnection} operations at a time.`,
          ),
        ];
      }
      if (id.length > maxIdLength) {
        return [badUserInput(`The id of an operation has at most ${maxIdLength} characters.`)];
      }
      const prepared = prepareOperation(check, payload);
      forget(payload);
      if (!prepared.ok) return prepared.errors;
      const { operation } = prepared;
      const connection = ctx.extra;
      const args: Args = {
        schema,
        document: operation.document,
        operationName: operation.operationName,
        rootValue: undefined,
        contextValue: undefined,
        id,
        connection,
        // Here, since this is the connection's turn.
        outcome: performOperation(
          context,
          operation,
          schemaContext(context, connection.who, { quota: connection.quota() }),
          connection,
        ),
      };
      return args;
    },
    // Both get the very object that onSubscribe returned.
    execute: (args) => outcomeOf(args as Args),
    subscribe: (args) => outcomeOf(args as Args),
    // A subscription that was refused is an operation that failed: `error`, and nothing after it.
    onOperation(_ctx, _id, _payload, _args, result) {
      if (!('errors' in result) || result.errors === undefined || result.data !== undefined) return;
      return new FailedOperation(result.errors);
    },
    onError(_ctx, _id, _payload, errors) {
      return errors
        .flatMap((error) =>
          error.originalError instanceof OperationErrors ? error.originalError.errors : [error],
        )
        .map((error) => hide(error).toJSON());
    },
  });

  return (options) => {
    const connection = new GraphqlConnection(context, options);
    deadlines.set(connection);
    connection.serve(server);
  };
}

/** A WebSocket as the protocol core sees it. */
class GraphqlConnection extends WebSocketConnection implements ProtocolSocket {
  readonly protocol: string;
  /** Its subscriptions to `brokerStats`. */
  statsStreams = 0;
  #receive: ((message: unknown) => Promise<void>) | undefined;
  #coreClosed: ((code: number, reason: string) => Promise<void>) | undefined;

  constructor(context: TransportContext, options: WebSocketConnectionOptions) {
    super(context, options);
    this.protocol = options.webSocket.protocol;
  }

  serve(server: Server<GraphqlConnection>): void {
    this.#coreClosed = server.opened(this, this);
  }

  onMessage(receive: (text: string) => Promise<void>): void {
    // It takes a message that has been read as well, which its types do not say.
    this.#receive = receive as (message: unknown) => Promise<void>;
  }

  quota(): Quota {
    return quotaOf(this.context, () => ({
      subscriptions: this.pump.size,
      devices: this.pump.devices,
      statsStreams: this.statsStreams,
    }));
  }

  override received(data: RawData): Promise<void> | undefined {
    const text = textOf(data);
    return this.context.turns.run(this, () => this.#handle(text));
  }

  /** Sends the one answer of an operation; false when there is no room for it. */
  sendAnswer(id: string, text: string): boolean {
    return this.trySend(`{"id":${JSON.stringify(id)},"type":"next","payload":${text}}`);
  }

  /** One after the other: what a message is about may still be opened by the one before it. */
  #handle(text: string): undefined {
    // It may have waited for its turn.
    if (!this.open) return undefined;
    this.#receive?.(messageIn(text)).catch((error: unknown) => {
      if (isFaultOfClient(error)) {
        this.close(CloseCode.BadRequest, 'Invalid message received');
        return;
      }
      this.context.logger.error(
        { event: 'operation.failed', who: this.who, err: error },
        'A WebSocket message could not be handled',
      );
      this.close(CloseCode.InternalServerError, 'Internal server error');
    });
    return undefined;
  }

  override close(
    code: number = CloseCode.InternalServerError,
    reason: string = 'Internal server error',
  ): void {
    super.close(code, reason);
  }

  override closed(code: number, reason: string): void {
    super.closed(code, reason);
    void this.#coreClosed?.(code, reason);
  }
}

/** The message in a text, which the protocol core would keep for as long as the operation that it begins. */
function messageIn(text: string): unknown {
  try {
    const message: unknown = JSON.parse(text);
    // A string would be read once more.
    return typeof message === 'string' ? undefined : message;
  } catch {
    // The core closes the connection for what is no message.
    return undefined;
  }
}

/**
 * A message of a type that only a server sends, or a ping whose payload is
 * nested too deeply to be printed in the pong: the protocol core throws where
 * the protocol says 4400.
 */
function isFaultOfClient(error: unknown): boolean {
  if (error instanceof RangeError) return true;
  return error instanceof Error && /^Unexpected message of type \w+ received$/.test(error.message);
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}

/**
 * The protocol core keeps the payload of an operation for as long as the stream
 * lasts, and nobody reads it again: in a fleet of idle subscriptions that would
 * be each one's copy of the same text.
 */
function forget(payload: SubscribePayload): void {
  const emptied: { query: string; variables?: unknown; extensions?: unknown } = payload;
  emptied.query = '';
  emptied.variables = null;
  emptied.extensions = null;
}

/** The document of an operation that has been performed. */
const nothing: DocumentNode = { kind: Kind.DOCUMENT, definitions: [] };

/** What is left to tell when all has been sent. */
class Nothing implements AsyncIterableIterator<ExecutionResult, undefined> {
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
 * Results on their way past the protocol core, which would print them once more:
 * it holds an iterator that yields nothing, and settles when they end.
 */
class ResultTexts implements AsyncIterableIterator<ExecutionResult, undefined> {
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
        // Each tells what is now: a client that does not keep up gets fewer of them.
        if (this.#connection.pump.outbox.writable) this.#connection.sendAnswer(this.#id, value);
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

/**
 * A device message stream on its way past the protocol core, which holds it as
 * an iterator: that one yields nothing, and settles when the subscription ends.
 */
class MessageStream implements OutgoingStream, AsyncIterableIterator<ExecutionResult, undefined> {
  readonly subscription: Subscription;
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
    // Not from the pool: what lives as long as its subscription would keep a slab
    // of 8 KiB or more alive for a hundred bytes.
    const head = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
    head.write(text);
    return this.#connection.compressed ? stored(head) : head;
  }

  ended(reason: EndReason, error: Error | undefined): void {
    const { selections, hide } = this.#connection.context;
    selections.release(this.#selection, this.#connection);
    // To a client that shall come back, `complete` would say that the stream is
    // over: it hears of a shutdown by the close of the connection.
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
    // Told by `next`, if that is still to come; nobody else waits for it.
    if (result instanceof Promise) result.catch(() => {});
    this.#settle?.(this.#result);
  }
}

const done: IteratorReturnResult<undefined> = { value: undefined, done: true };
