/** The addresses of a gateway's GraphQL. */
export interface GraphqlAddress {
  /** Of queries, and of subscriptions over HTTP. */
  readonly http: string;
  /** Of the WebSocket. */
  readonly ws: string;
}

/**
 * Takes the address of a gateway, `http://gateway:4000`, with http, https, ws or wss;
 * with the prefix that a proxy gives it; in a page also relative to it. `/graphql`
 * may be at its end. Throws a TypeError for what is no such address.
 */
export function graphqlAddress(url: string | URL): GraphqlAddress {
  const http = parsed(url);
  if (http === undefined || !/^(http|ws)s?:$/.test(http.protocol)) {
    throw new TypeError(
      `url must be the address of a gateway, such as http://127.0.0.1:4000; it is ${JSON.stringify(url)}`,
    );
  }
  http.hash = '';
  http.pathname = `${http.pathname.replace(/\/+(graphql\/*)?$/, '')}/graphql`;
  http.protocol = http.protocol.replace('ws', 'http');
  const ws = new URL(http);
  ws.protocol = http.protocol.replace('http', 'ws');
  return { http: http.href, ws: ws.href };
}

function parsed(url: string | URL): URL | undefined {
  const { location } = globalThis as { location?: { href: string } };
  try {
    return url === '' ? undefined : new URL(url, location?.href);
  } catch {
    return undefined;
  }
}
