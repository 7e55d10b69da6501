import { addressesOf } from './address.ts';
import { checkClientOptions, type SluiceClientOptions } from './client-options.ts';
import { clientClosed, Connection } from './connection.ts';
import type { ConnectionStatus } from './connection-status.ts';
import { LiveDeviceMessageStream, type DeviceMessageStream } from './device-message-stream.ts';
import { deviceMessagesKinds, type DeviceMessagesOptions } from './device-messages-feed.ts';
import { documentText, type TypedDocument } from './document.ts';
import { DocumentFeed } from './document-feed.ts';
import { openEventLink } from './event-link.ts';
import { OperationStream, type OperationStreamOptions } from './operation-stream.ts';
import { checkOptions, shown, signal as abortSignal, whole, type Kinds } from './option-check.ts';
import { query } from './query.ts';
import { openWebSocketLink } from './websocket-link.ts';

export interface OperationOptions {
  /** Ends a stream, and makes a query reject with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

export interface StreamOptions extends OperationOptions {
  /** How many messages wait here for a consumer that does not pull. Default: 1,000. */
  readonly maxBuffered?: number | undefined;
}

const operationKinds: Kinds = { signal: abortSignal };
const streamKinds: Kinds = { ...operationKinds, maxBuffered: whole(1) };

/** A document with its types, or a text, whose types are for the caller to name. */
export type AnyDocument<Data, Variables> = TypedDocument<Data, Variables> | string;

/** A client of one gateway. It connects when something is subscribed to, and only for as long. */
export interface SluiceClient {
  /** The messages of some devices, each once and in the order of its device, over all interruptions. */
  deviceMessages(options: DeviceMessagesOptions & StreamOptions): DeviceMessageStream;
  /** Any subscription. After an interruption it goes on by position where it can, and anew where not. */
  subscribe<Data = unknown, Variables = Readonly<Record<string, unknown>>>(
    document: AnyDocument<Data, Variables>,
    variables: NoInfer<Variables>,
    options?: StreamOptions,
  ): AsyncIterableIterator<Data, undefined>;
  /** Any query, over HTTP. */
  query<Data = unknown, Variables = Readonly<Record<string, unknown>>>(
    document: AnyDocument<Data, Variables>,
    variables: NoInfer<Variables>,
    options?: OperationOptions,
  ): Promise<Data>;
  /** How it stands now: the same object until that changes. */
  readonly status: ConnectionStatus;
  /** Calls back whenever the status changes. Returns how to end that. */
  subscribeToStatus(this: void, listener: (status: ConnectionStatus) => void): () => void;
  /** Ends every stream and query, and resolves when nothing is left open. */
  close(): Promise<void>;
}

export function createSluiceClient(options: SluiceClientOptions): SluiceClient {
  checkClientOptions(options);
  const { transport = 'auto', token, connectTimeoutMs = 10_000 } = options;
  const addresses = addressesOf(options.url);
  const fetch: typeof globalThis.fetch =
    options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const webSocketImpl = options.webSocketImpl ?? (globalThis as { WebSocket?: unknown }).WebSocket;
  if (webSocketImpl === undefined && transport === 'ws') {
    throw new TypeError('There is no WebSocket here: give webSocketImpl, or take transport sse.');
  }
  const askToken = async (): Promise<string | undefined> =>
    typeof token === 'function' ? token() : token;
  const closing = new AbortController();
  const connection = new Connection({
    transport: webSocketImpl === undefined ? 'sse' : transport,
    token: askToken,
    tokenChanges: typeof token === 'function',
    connectTimeoutMs,
    address: addresses.shown,
    onWarning: options.onWarning,
    ...backOffOf(options),
    open: (kind, currentToken, events) =>
      kind === 'ws'
        ? openWebSocketLink(
            {
              url: addresses.ws,
              token: currentToken,
              webSocketImpl,
              pingIntervalMs: options.pingIntervalMs ?? 10_000,
              pongTimeoutMs: options.pongTimeoutMs ?? 5000,
            },
            events,
          )
        : openEventLink(
            {
              url: addresses.http,
              token: currentToken,
              fetch,
              connectTimeoutMs,
              silenceMs: options.silenceTimeoutMs ?? 60_000,
            },
            events,
          ),
  });

  if (options.onStatus !== undefined) connection.subscribe(options.onStatus);

  function streamOptions({ maxBuffered = 1000, signal }: StreamOptions): OperationStreamOptions {
    return { maxBuffered, signal, ...backOffOf(options) };
  }

  return {
    deviceMessages(request) {
      checkOptions(request, { ...deviceMessagesKinds, ...streamKinds });
      return new LiveDeviceMessageStream(connection, request, streamOptions(request));
    },
    subscribe<Data, Variables>(
      document: AnyDocument<Data, Variables>,
      variables: Variables,
      operationOptions: StreamOptions = {},
    ) {
      checkOptions(operationOptions, streamKinds);
      const feed = new DocumentFeed<Data>(documentText(document), variables ?? {});
      return new OperationStream(connection, feed, streamOptions(operationOptions));
    },
    async query<Data, Variables>(
      document: AnyDocument<Data, Variables>,
      variables: Variables,
      operationOptions: OperationOptions = {},
    ) {
      checkOptions(operationOptions, operationKinds);
      const { signal } = operationOptions;
      if (closing.signal.aborted) throw clientClosed();
      const operation = { query: documentText(document), variables: variables ?? {} };
      const signals =
        signal === undefined ? closing.signal : AbortSignal.any([closing.signal, signal]);
      const data = await query(operation, {
        url: addresses.http,
        address: addresses.shown,
        token: await askToken(),
        fetch,
        signal: signals,
      });
      return data as Data;
    },
    get status() {
      return connection.status;
    },
    subscribeToStatus(listener) {
      if (typeof listener !== 'function') {
        throw new TypeError(`listener must be a function; it is ${shown(listener)}`);
      }
      return connection.subscribe(listener);
    },
    async close() {
      closing.abort();
      await connection.close();
    },
  };
}

function backOffOf({ minRetryMs, maxRetryMs }: SluiceClientOptions) {
  return {
    ...(minRetryMs !== undefined && { minRetryMs }),
    ...(maxRetryMs !== undefined && { maxRetryMs }),
  };
}
