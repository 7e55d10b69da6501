import type { BackOffOptions } from './back-off.ts';
import type { ConnectionStatus } from './connection-status.ts';
import type { TransportKind } from './link.ts';

export interface SluiceClientOptions extends BackOffOptions {
  /** Where the gateway's GraphQL is: http, https, ws or wss; in a page also relative to it, such as `/graphql`. Without a path, `/graphql` is meant. */
  readonly url: string | URL;
  /**
   * Says who asks: as `token` in the connection's parameters over WebSocket, as
   * `authorization: Bearer …` over HTTP. A function is called at every connect and
   * every query, so that it can fetch a fresh one. Default: none.
   */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
  /** WebSocket, server-sent events, or the first with the second where proxies cut it. Default: `auto`. */
  readonly transport?: TransportKind | 'auto' | undefined;
  /** Told whenever the status changes. */
  readonly onStatus?: ((status: ConnectionStatus) => void) | undefined;
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

/** The addresses of the gateway, and of the page where there is one. Throws a TypeError for one that is none. */
export function addressesOf(url: string | URL): { readonly http: string; readonly ws: string } {
  const { location } = globalThis as { location?: { href: string } };
  const http = new URL(url, location?.href);
  if (!/^(http|ws)s?:$/.test(http.protocol)) {
    throw new TypeError(`url must begin with http, https, ws or wss; it is ${http.href}`);
  }
  http.hash = '';
  // `http://gateway:4000` is what one has in mind, and what the command line takes.
  if (http.pathname === '/') http.pathname = '/graphql';
  http.protocol = http.protocol.replace('ws', 'http');
  const ws = new URL(http);
  ws.protocol = http.protocol.replace('http', 'ws');
  return { http: http.href, ws: ws.href };
}

/**
 * Throws a TypeError for a duration with which the client would not wait at all:
 * one of 2^31 ms and more, Infinity too, is over at once for `setTimeout`.
 */
export function checkDurations(options: SluiceClientOptions): void {
  for (const [name, ms] of Object.entries(options)) {
    if (name.endsWith('Ms') && ms !== undefined && !(ms > 0 && ms < 2 ** 31)) {
      throw new TypeError(`${name} must be above 0 and below 2^31; it is ${String(ms)}`);
    }
  }
}
