import { createClient, type Client, type Message } from 'graphql-ws/client';
import { addressesOf } from './address.ts';
import type { SluiceClientOptions } from './client-options.ts';
import type { ConnectionStatus } from './connection-status.ts';
import { callback, checkOptions, milliseconds, shown, type Kinds } from './option-check.ts';
import { Reconnection } from './reconnection.ts';
import { Resumption } from './resumption.ts';

export { addressesOf, type Addresses } from './address.ts';
export type { ConnectionFailure, ConnectionState, ConnectionStatus } from './connection-status.ts';
export { listOf, positionsOf, type Positions } from './positions.ts';

/** Who asks: called at each connection, so that it can fetch a fresh one. */
export type Token = () => string | undefined | Promise<string | undefined>;

export interface ConnectOptions extends Pick<
  SluiceClientOptions,
  | 'connectTimeoutMs'
  | 'maxRetryMs'
  | 'minRetryMs'
  | 'onWarning'
  | 'pingIntervalMs'
  | 'pongTimeoutMs'
  | 'webSocketImpl'
> {
  /** Sent as `token` in the connection's parameters. A function is called at each connection. Default: none. */
  readonly token?: string | Token | undefined;
}

const optionKinds: Kinds = {
  token: ['a string or a function', (value) => typeof value === 'string' || callback[1](value)],
  webSocketImpl: ['a class such as WebSocket', callback[1]],
  onWarning: ['a function or false', (value) => value === false || callback[1](value)],
  connectTimeoutMs: milliseconds,
  pingIntervalMs: milliseconds,
  pongTimeoutMs: milliseconds,
  minRetryMs: milliseconds,
  maxRetryMs: milliseconds,
};

/** A client of graphql-ws, as Apollo Client's `GraphQLWsLink`, urql's `subscriptionExchange` and Relay's network take it. */
export interface SluiceConnection extends Client {
  /** The address of the WebSocket. */
  readonly url: string;
  /** How it stands now. */
  readonly status: ConnectionStatus;
  /** Calls back with the present status, and whenever it changes. Returns how to end that. */
  subscribeToStatus(this: void, listener: (status: ConnectionStatus) => void): () => void;
}

/**
 * A WebSocket that always comes back, and each subscription behind the last position of
 * each device. It is open for as long as anything is subscribed to. `url` is the address
 * of the gateway ({@link addressesOf} says how it is read).
 */
export function connect(url: string | URL, options: ConnectOptions = {}): SluiceConnection {
  const { token, webSocketImpl, pingIntervalMs = 10_000 } = options;
  checkOptions(options, optionKinds);
  const addresses = addressesOf(url);
  const resumption = new Resumption();
  const reconnection = new Reconnection({
    ...options,
    address: addresses.shown,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    pongTimeoutMs: options.pongTimeoutMs ?? 5000,
    onWarning: options.onWarning,
    terminate: () => client.terminate(),
  });
  let lastId = 0;
  let socket: WebSocket | undefined;

  async function connectionParams(): Promise<Record<string, unknown> | undefined> {
    try {
      const value = typeof token === 'function' ? await token() : token;
      return value === undefined ? undefined : { token: value };
    } catch (error) {
      reconnection.tokenFailed(error);
      return undefined;
    }
  }

  const client = createClient({
    url: addresses.ws,
    webSocketImpl,
    connectionParams,
    generateID: () => String((lastId += 1)),
    retryAttempts: Infinity,
    // By default a connection that could not be made is taken for a fatal error.
    shouldRetry: () => true,
    retryWait: () => reconnection.wait(),
    keepAlive: pingIntervalMs,
    on: {
      connecting: () => reconnection.connecting(),
      connected(opened) {
        socket = opened as WebSocket;
        reconnection.connected(socket);
      },
      ping: (isReceived) => {
        if (!isReceived) reconnection.pinged();
      },
      pong: (isReceived) => {
        if (isReceived) reconnection.ponged();
      },
      message(message) {
        reconnection.received();
        const answer = resumption.incoming(message);
        if (answer !== undefined) socket?.send(JSON.stringify(answer));
      },
      closed(event) {
        const { code = 1006, reason = '' } = event as { code?: number; reason?: string };
        reconnection.closed(code, reason);
      },
    },
    // When it is back, graphql-ws sends each subscription again, with the id that it had.
    // The whole message has the key '', and so may a member of its variables, which can be null.
    jsonMessageReplacer: (key, value: Message | null) =>
      key === '' && value !== null ? resumption.outgoing(value) : value,
  });

  /** What to call at the end of the operation that graphql-ws has just given an id. */
  function endOf(end: () => void): () => void {
    const id = String(lastId);
    return () => {
      resumption.forget(id);
      end();
    };
  }

  return {
    url: addresses.ws,
    on: (event, listener) => client.on(event, listener),
    get status() {
      return reconnection.status;
    },
    subscribeToStatus(listener) {
      if (typeof listener !== 'function') {
        throw new TypeError(`listener must be a function; it is ${shown(listener)}`);
      }
      return reconnection.subscribe(listener);
    },
    subscribe(payload, sink) {
      const end = reconnection.begin();
      const stop = client.subscribe<never, never>(payload, {
        next: (result) => sink.next(result),
        error(error) {
          ended();
          sink.error(error);
        },
        complete() {
          ended();
          sink.complete();
        },
      });
      const ended = endOf(end);
      return () => {
        stop();
        ended();
      };
    },
    iterate(payload) {
      const end = reconnection.begin();
      return endingWith(client.iterate<never, never>(payload), endOf(end));
    },
    terminate: () => reconnection.terminate('the connection was terminated'),
    async dispose() {
      reconnection.dispose();
      // It rejects when the last attempt fails, of which nobody wants to know any more.
      await Promise.resolve(client.dispose()).catch(() => undefined);
    },
  };
}

/** Calls back when nothing more comes of an iterator. */
function endingWith<T>(iterator: AsyncIterableIterator<T>, end: () => void) {
  const result = async (pending: Promise<IteratorResult<T>>): Promise<IteratorResult<T>> => {
    try {
      const { done } = await pending;
      if (done === true) end();
    } catch (error) {
      end();
      throw error;
    }
    return pending;
  };
  const own: AsyncIterableIterator<T> = {
    next: () => result(iterator.next()),
    return: () => result(iterator.return!()),
    throw: (error) => result(iterator.throw!(error)),
    [Symbol.asyncIterator]: () => own,
  };
  return own;
}
