import type { ServerResponse } from 'node:http';
import { crossOrigin } from './cross-origin.ts';

/** Answers with JSON, unless an answer has begun. */
export function respondJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    ...crossOrigin,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    // What is left of a body that nobody will read must not be taken for the next request.
    ...(status === 413 && { connection: 'close' }),
  });
  response.end(text);
}
