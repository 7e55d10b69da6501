import type { ServerResponse } from 'node:http';
import { crossOrigin } from './cross-origin.ts';

/** Answers with JSON, unless an answer has begun. */
export function respondJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  mediaType = 'application/json',
): void {
  respondText(response, status, `${JSON.stringify(body)}\n`, mediaType);
}

/** The same with any text. */
export function respondText(
  response: ServerResponse,
  status: number,
  text: string,
  mediaType = 'text/plain',
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    ...crossOrigin,
    'content-type': `${mediaType}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    // What is left of a body that nobody will read must not be taken for the next request,
    // and who is refused for what the connection holds shall not go on holding it.
    ...((status === 413 || status === 429) && { connection: 'close' }),
  });
  response.end(text);
}
