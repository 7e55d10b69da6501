import { shown } from './option-check.ts';

/** Where a gateway's GraphQL is. */
export interface Addresses {
  readonly http: string;
  readonly ws: string;
  /** As it was given, for a person: without what may be secret in it. */
  readonly shown: string;
}

/** The address of the GraphQL behind one that ends with a slash; any other as it is. */
export function graphqlUrl(url: URL): URL {
  const graphql = new URL(url);
  graphql.pathname = url.pathname.replace(/(?:\/graphql)?\/$/, '/graphql');
  return graphql;
}

/**
 * An address that ends with a slash, or has no path, is that of the gateway, and its GraphQL
 * is at `graphql` behind that. Any other is that of its GraphQL, whatever a proxy calls it.
 * In a page it may be relative. Throws a TypeError for one that is none.
 */
export function addressesOf(url: unknown): Addresses {
  const { location } = globalThis as { location?: { href: string } };
  const address = parsed(url, location?.href);
  if (address === undefined) {
    const relative =
      location === undefined
        ? ', such as http://127.0.0.1:4000'
        : ', or be relative to the page, such as /graphql';
    throw new TypeError(
      `url must begin with http://, https://, ws:// or wss://${relative}; it is ${shownUrl(url)}`,
    );
  }
  const given = graphqlUrl(address);
  given.hash = '';
  const http = new URL(given);
  http.protocol = given.protocol.replace('ws', 'http');
  const ws = new URL(http);
  ws.protocol = http.protocol.replace('http', 'ws');
  return {
    http: http.href,
    ws: ws.href,
    shown: `${given.protocol}//${given.host}${given.pathname}`,
  };
}

function parsed(url: unknown, base: string | undefined): URL | undefined {
  const text = url instanceof URL ? url.href : url;
  // Relative to a page, nothing would be the page itself, and `127.0.0.1:4000` a file beside it.
  if (typeof text !== 'string' || text.trim() === '' || /^[^/?#]*:\d/.test(text)) return undefined;
  try {
    const address = new URL(text, base);
    return /^(http|ws)s?:$/.test(address.protocol) ? address : undefined;
  } catch {
    // `URL.canParse` is younger than the browsers that this is for.
    return undefined;
  }
}

function shownUrl(url: unknown): string {
  return shown(typeof url === 'string' ? url.replace(/\/\/[^/]*@/, '//***@') : url);
}
