import type { IncomingMessage } from 'node:http';

/** Whether the client takes one answer in JSON. */
export function acceptsJson({ headers: { accept = '' } }: IncomingMessage): boolean {
  return /application\/(graphql-response\+)?json/.test(accept);
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
