import type { IncomingMessage } from 'node:http';

/** Leaves the path and the query of a request that names a whole URL, as one to a proxy does [RFC 9112, 3.2.2]. */
export function toOriginForm(request: IncomingMessage): void {
  const [, path] = /^https?:\/\/[^/?]*(.*)$/is.exec(request.url ?? '/') ?? [];
  if (path !== undefined) request.url = path.startsWith('/') ? path : `/${path}`;
}

/** Whether it can stand in a URL, as what builds one from it relies on [RFC 9112, 3.2]. */
export function isHost(host: string): boolean {
  return !/[/?#@\\]/.test(host) && URL.canParse(`http://${host}`);
}
