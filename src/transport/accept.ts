import type { IncomingMessage } from 'node:http';

export type JsonMediaType = 'application/json' | 'application/graphql-response+json';

/** What each range of `Accept` that one answer can be in stands for. A client that takes anything is most likely an old one. */
const jsonMediaTypes: ReadonlyMap<string, JsonMediaType> = new Map([
  ['application/graphql-response+json', 'application/graphql-response+json'],
  ['application/json', 'application/json'],
  ['application/*', 'application/json'],
  ['*/*', 'application/json'],
]);

/** Whether the client names JSON for one answer. */
export function acceptsJson({ headers: { accept = '' } }: IncomingMessage): boolean {
  return /application\/(graphql-response\+)?json/i.test(accept);
}

/** The media type of one answer that the client likes best; undefined when it takes none [RFC 9110, 12.5.1]. */
export function jsonMediaType({ headers }: IncomingMessage): JsonMediaType | undefined {
  let best: JsonMediaType | undefined;
  let bestQuality = 0;
  for (const range of (headers.accept?.trim() || '*/*').split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const mediaType = jsonMediaTypes.get(name);
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const quality = q === undefined ? 1 : Number(q);
    if (mediaType === undefined || !(quality > bestQuality)) continue;
    best = mediaType;
    bestQuality = quality;
  }
  return best;
}

/** Whether it takes server-sent events. */
export function acceptsEvents({ headers: { accept = '' } }: IncomingMessage): boolean {
  return accept.includes('text/event-stream');
}

/** Whether it takes Apollo's multipart subscriptions; a `multipart/mixed` alone is something else (`@defer`). */
export function acceptsMultipart({ headers: { accept = '' } }: IncomingMessage): boolean {
  return accept
    .toLowerCase()
    .split(',')
    .some((range) => {
      const [mediaType, ...parameters] = range.split(';').map((part) => part.trim());
      return (
        mediaType === 'multipart/mixed' &&
        parameters.some((parameter) => /^subscriptionspec="?1\.0"?$/.test(parameter))
      );
    });
}

/** Whether it takes plain text. */
export function acceptsText({ headers: { accept = '*/*' } }: IncomingMessage): boolean {
  return /\*\/\*|text\/(\*|plain)/.test(accept);
}
