import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { conditionalStatus } from './conditional.ts';
import { encodingOf, type ContentEncoding } from '../http/content-encoding.ts';

/** A file that is served as it is, or compressed. */
export interface Page {
  /** In each encoding that there is of it. */
  readonly encoded: Readonly<Partial<Record<ContentEncoding, Buffer>>>;
  /** Differs whenever the content does. */
  readonly tag: string;
  readonly headers: Readonly<Record<string, string>>;
}

const bestFirst: readonly ContentEncoding[] = ['br', 'gzip'];

export function tagOf(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 22);
}

/**
 * Sets the headers of the answer with a page, and returns in which form its
 * body has to follow. Undefined: the client's conditions have been answered.
 */
export function beginPage(
  request: IncomingMessage,
  response: ServerResponse,
  { encoded, tag, headers }: Page,
): ContentEncoding | 'identity' | undefined {
  const encodings = bestFirst.filter((encoding) => encoded[encoding] !== undefined);
  const encoding = encodingOf(request, encodings) ?? 'identity';
  // A strong tag is one of these very bytes [RFC 9110, 8.8.3.3].
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
