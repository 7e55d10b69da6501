import type { IncomingMessage } from 'node:http';

/**
 * Reduces an absolute URL in a request line, as sent to a proxy, to its path and query.
 * The host of that URL replaces the Host header [RFC 9112, 3.2.2].
 */
export function toOriginForm(request: IncomingMessage): void {
  const [, host, path] = /^https?:\/\/([^/?]*)(.*)$/is.exec(request.url ?? '/') ?? [];
  if (host === undefined || path === undefined) return;
  request.headers.host = host;
  request.url = path.startsWith('/') ? path : `/${path}`;
}

/** The path and the query. Any text is accepted as a URL, because it comes from outside. */
export function urlOf(request: IncomingMessage): {
  pathname: string;
  searchParams: URLSearchParams;
} {
  const [pathname = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  return { pathname, searchParams: new URLSearchParams(query) };
}
