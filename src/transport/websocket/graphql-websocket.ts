import { Kind, type DocumentNode, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { badUserInput, limitExceeded } from '../../../schema/errors.ts';
import { deliver, type Outcome } from '../../delivery/outcome.ts';
import { performOperation } from '../../delivery/perform-operation.ts';
import { prepareOperation } from '../../document/operation.ts';
import { CloseCode } from './close-code.ts';
import { createDeadlines } from '../deadline.ts';
import { GraphqlConnection } from './graphql-connection.ts';
import {
  FailedOperation,
  MessageStream,
  Nothing,
  OperationErrors,
  ResultTexts,
} from './protocol-iterators.ts';
import { schemaContext, type TransportContext } from '../transport-context.ts';
import type { WebSocketEndpoint } from './websocket-endpoint.ts';

/** Execution arguments with references to the operation and its connection. */
interface Args extends ExecutionArgs {
  readonly id: string;
  readonly connection: GraphqlConnection;
  /**
   * Removed, like the document, once it has been read: the protocol core keeps these
   * arguments while the stream lasts.
   */
  outcome: Outcome | Promise<Outcome> | null;
  document: DocumentNode;
}

/** How long a client may take to send `connection_init`. */
const connectionInitTimeoutMs = 3_000;

/**
 * The maximum length of an operation's id, in characters. Each message of a
 * subscription begins with the id; a UUID has 36.
 */
const maxIdLength = 1_024;

/**
 * graphql-transport-ws. The core of graphql-ws implements the protocol. For device
 * messages, it holds an iterator that yields nothing and settles when the subscription
 * ends; the messages themselves bypass the core, from dispatch into the connection's
 * outbox.
 */
export function createGraphqlWebSocket(context: TransportContext): WebSocketEndpoint {
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
    return deliver<AsyncIterableIterator<ExecutionResult> | ExecutionResult>(await performed, {
      messages(outcome) {
        const stream = new MessageStream(connection, id, outcome);
        connection.outgoing.add(stream);
        return stream;
      },
      results: (results) => new ResultTexts(connection, id, results),
      answer({ hasData, errors, text }) {
        if (!hasData) return { errors };
        // The result bypasses the core, whose JSON.stringify would parse each payload and print it
        // again.
        if (connection.sendAnswer(id, text)) return new Nothing();
        return { errors: [limitExceeded('Too many answers wait for clients that do not read.')] };
      },
    });
  }

  const server = makeServer<Record<string, unknown>, GraphqlConnection>({
    // The core's own timeout would be one timer per connection, kept while the connection lasts.
    connectionInitWaitTimeout: 0,
    onConnect(ctx) {
      deadlines.clear(ctx.extra);
      // Nobody reads them, and they would be kept while the connection lasts.
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
        // Done here, because this is the connection's turn.
        outcome: performOperation(
          context,
          operation,
          schemaContext(context, connection.caller, { quota: connection.quota() }),
          connection,
        ),
      };
      return args;
    },
    // Both get the same object that onSubscribe returned.
    execute: (args) => outcomeOf(args as Args),
    subscribe: (args) => outcomeOf(args as Args),
    // A refused subscription is a failed operation: `error`, and nothing after it.
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

  return {
    transport: 'websocket',
    maxMessageBytes: limits.maxRequestBytes,
    handleProtocols,
    open(options) {
      const connection = new GraphqlConnection(context, options);
      deadlines.set(connection);
      connection.serve(server);
    },
  };
}

/**
 * Releases the payload of an operation. The protocol core keeps it while the stream
 * lasts, although nobody reads it again: in a fleet of idle subscriptions, each would
 * keep its own copy of the same text.
 */
function forget(payload: SubscribePayload): void {
  const emptied: { query: string; variables?: unknown; extensions?: unknown } = payload;
  emptied.query = '';
  emptied.variables = null;
  emptied.extensions = null;
}

/** The document of an operation that has been performed. */
const nothing: DocumentNode = { kind: Kind.DOCUMENT, definitions: [] };
