import type { ServerResponse } from 'node:http';
import { urlOf } from './request-target.ts';

/**
 * `Retry-After`, in seconds: an overload may be over a moment later, and a restart
 * takes about that long.
 */
const retryAfterS = '5';

/** Answers with JSON, unless an answer has begun. */
export function respondJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  mediaType = 'application/json',
): void {
  respondText(response, status, `${JSON.stringify(body)}\n`, mediaType);
}

/** Answers with an error in the format that clients of the address expect. */
export function respondError(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  const isGraphql = urlOf(response.req).pathname === '/graphql';
  const body = isGraphql ? { errors: [{ message, extensions: { code } }] } : { error: { message } };
  respondJson(response, status, body);
}

/** Answers with any text, unless an answer has begun. */
export function respondText(
  response: ServerResponse,
  status: number,
  text: string | Buffer,
  mediaType = 'text/plain',
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': `${mediaType}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    // The rest of an unread body must not be parsed as the next request, and a client that was
    // refused because of what its connection holds must not keep it.
    ...((status === 413 || status === 429) && { connection: 'close' }),
    ...(status === 503 && { 'retry-after': retryAfterS }),
  });
  response.end(text);
}

export function respondNotFound(response: ServerResponse): void {
  respondJson(response, 404, {
    error: { message: 'Nothing is here. GraphQL is at /graphql.' },
  });
}
