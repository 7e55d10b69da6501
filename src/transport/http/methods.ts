import type { IncomingMessage, ServerResponse } from 'node:http';
import { respondError } from './respond.ts';

/** The headers that a page of another origin may send. */
const allowedHeaders = [
  'accept',
  'authorization',
  'content-type',
  'last-event-id',
  'x-graphql-event-stream-token',
].join(', ');

/**
 * Whether a request has one of the methods of its address. Any other request is
 * answered here: OPTIONS as a CORS preflight, the rest with 405.
 */
export function hasMethod(
  request: IncomingMessage,
  response: ServerResponse,
  methods: readonly string[],
): boolean {
  if (methods.includes(request.method ?? '')) return true;
  response.setHeader('allow', [...methods, 'OPTIONS'].join(', '));
  if (request.method !== 'OPTIONS') {
    respondError(response, 405, 'BAD_REQUEST', `Use ${methods.join(' or ')}.`);
    return false;
  }
  // The admission has set this header for an allowed page of another origin.
  if (response.hasHeader('access-control-allow-origin')) {
    response
      .setHeader('access-control-allow-methods', methods.join(', '))
      .setHeader('access-control-allow-headers', allowedHeaders)
      .setHeader('access-control-max-age', '600');
  }
  response.writeHead(204).end();
  return false;
}
