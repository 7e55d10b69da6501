import type { IncomingMessage } from 'node:http';

/**
 * The status that the conditions of a request give the answer with this strong ETag;
 * undefined: no change [RFC 9110, 13.2.2].
 */
export function conditionalStatus(
  { headers }: IncomingMessage,
  etag: string,
): 304 | 412 | undefined {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  // A weak tag, which a proxy makes of this one when it compresses, never matches in `If-Match`.
  if (ifMatch !== undefined && !tagsOf(ifMatch).some((tag) => tag === '*' || tag === etag)) {
    return 412;
  }
  const isKnown = tagsOf(ifNoneMatch ?? '').some(
    (tag) => tag === '*' || tag.replace(/^W\//, '') === etag,
  );
  return isKnown ? 304 : undefined;
}

function tagsOf(list: string): string[] {
  return list.trim() === '*' ? ['*'] : (list.match(/(?:W\/)?"[^"]*"/g) ?? []);
}
