import { createHash } from 'node:crypto';
import { conditionalStatus } from './conditional.ts';
import type { Page } from './page.ts';
import { encodingOf, type ContentEncoding } from '../http/content-encoding.ts';
import type { Exchange } from '../http/endpoint.ts';

const bestFirst: readonly ContentEncoding[] = ['br', 'gzip'];

export function tagOf(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 22);
}

/**
 * Sets the headers of the answer with a page, and returns the encoding of its body,
 * which the caller sends. Undefined: the client's conditions have been answered.
 */
export function beginPage(
  { request, response }: Exchange,
  { encoded, tag, headers }: Page,
): ContentEncoding | 'identity' | undefined {
  const encodings = bestFirst.filter((encoding) => encoded[encoding] !== undefined);
  const encoding = encodingOf(request, encodings) ?? 'identity';
  // A strong tag identifies exactly these bytes [RFC 9110, 8.8.3.3].
  const etag = encoding === 'identity' ? `"${tag}"` : `"${tag}-${encoding}"`;
  response.appendHeader('vary', 'accept-encoding');
  response.setHeaders(new Map(Object.entries({ ...headers, etag })));
  const status = conditionalStatus(request, etag);
  if (status !== undefined) {
    response.writeHead(status).end();
    return undefined;
  }
  if (encoding !== 'identity') response.setHeader('content-encoding', encoding);
  return encoding;
}
