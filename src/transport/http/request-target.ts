import type { IncomingMessage } from 'node:http';

/**
 * Leaves the path and the query of a request that names a whole URL, as one to
 * a proxy does. The host of that URL takes the place of the Host header [RFC 9112, 3.2.2].
 */
export function toOriginForm(request: IncomingMessage): void {
  const [, host, path] = /^https?:\/\/([^/?]*)(.*)$/is.exec(request.url ?? '/') ?? [];
  if (host === undefined || path === undefined) return;
  request.headers.host = host;
  request.url = path.startsWith('/') ? path : `/${path}`;
}

/** The path and the query; any text is a URL here, since it comes from outside. */
export function urlOf(request: IncomingMessage): {
  pathname: string;
  searchParams: URLSearchParams;
} {
  const [pathname = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  return { pathname, searchParams: new URLSearchParams(query) };
}
