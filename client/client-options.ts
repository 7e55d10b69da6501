import type { BackOffOptions } from './back-off.ts';
import type { ConnectionStatus } from './connection-status.ts';
import type { TransportKind } from './link.ts';
import { callback, checkOptions, milliseconds, type Kinds } from './option-check.ts';

export interface SluiceClientOptions extends BackOffOptions {
  /**
   * The address of the gateway, which ends with a slash or has no path, or that of its GraphQL:
   * `https://example.com/sluice/` is the same as `https://example.com/sluice/graphql`.
   * It begins with http, https, ws or wss; in a page it may be relative, such as `/graphql`.
   */
  readonly url: string | URL;
  /**
   * Says who asks: as `token` in the connection's parameters over WebSocket, as
   * `authorization: Bearer …` over HTTP. A function is called at every connect and
   * every query, so that it can fetch a fresh one. Default: none.
   */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
  /** WebSocket, server-sent events, or the first with the second where proxies cut it. Default: `auto`. */
  readonly transport?: TransportKind | 'auto' | undefined;
  /** Told whenever the status changes, as with `subscribeToStatus`. */
  readonly onStatus?: ((status: ConnectionStatus) => void) | undefined;
  /**
   * Told what keeps the client from being served: once for each cause, after five attempts in a
   * row or 15 s, and once when it is over. Default: `console.warn`; `false`: nobody is told.
   */
  readonly onWarning?: ((message: string) => void) | false | undefined;
  /** Default: the global one. */
  readonly webSocketImpl?: unknown;
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
  /** How long the gateway may take to answer a connection, in milliseconds. Default: 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Over WebSocket: between pings, in milliseconds. Default: 10,000. */
  readonly pingIntervalMs?: number | undefined;
  /** Over WebSocket: silence after a ping that says that the link is dead, in milliseconds. Default: 5,000. */
  readonly pongTimeoutMs?: number | undefined;
  /** Over server-sent events: silence that says so, in milliseconds; the gateway sends a comment every 25 s. Default: 60,000. */
  readonly silenceTimeoutMs?: number | undefined;
}

const optionKinds: Kinds = {
  // Read by `addressesOf`, which says more.
  url: ['an address', () => true],
  token: ['a string or a function', (value) => typeof value === 'string' || callback[1](value)],
  transport: ['ws, sse or auto', (value) => ['ws', 'sse', 'auto'].includes(value as string)],
  onStatus: callback,
  onWarning: ['a function or false', (value) => value === false || callback[1](value)],
  webSocketImpl: ['a class such as WebSocket', callback[1]],
  fetch: callback,
  connectTimeoutMs: milliseconds,
  pingIntervalMs: milliseconds,
  pongTimeoutMs: milliseconds,
  silenceTimeoutMs: milliseconds,
  minRetryMs: milliseconds,
  maxRetryMs: milliseconds,
};

/** Throws a TypeError for options that make no client. */
export function checkClientOptions(options: SluiceClientOptions): void {
  checkOptions(options, optionKinds);
}
