import type { ServerResponse } from 'node:http';
import { urlOf } from './request-target.ts';

/** What all have too much of at one moment may be gone at the next; a restart takes about as long. */
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

/** Answers with an error in the form that the clients of the address read. */
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
    // What is left of a body that nobody will read must not be taken for the next request,
    // and who is refused for what the connection holds shall not go on holding it.
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
