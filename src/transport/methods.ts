import type { IncomingMessage, ServerResponse } from 'node:http';
import { crossOrigin } from './cross-origin.ts';
import { respondJson } from './respond.ts';

/**
 * Whether a request has one of the methods of its address. Any other is answered
 * here: OPTIONS with what a browser asks before it sends a request with headers
 * of its page's making to another origin, the rest with 405.
 */
export function hasMethod(
  request: IncomingMessage,
  response: ServerResponse,
  methods: readonly string[],
): boolean {
  if (methods.includes(request.method ?? '')) return true;
  const allow = [...methods, 'OPTIONS'].join(', ');
  if (request.method === 'OPTIONS') {
    const { 'access-control-request-headers': headers } = request.headers;
    response
      .writeHead(204, {
        ...crossOrigin,
        allow,
        'access-control-allow-methods': methods.join(', '),
        ...(headers !== undefined && { 'access-control-allow-headers': headers }),
        'access-control-max-age': '600',
        vary: 'access-control-request-headers',
      })
      .end();
  } else {
    response.setHeader('allow', allow);
    respondJson(response, 405, { error: { message: `Use ${methods.join(' or ')}.` } });
  }
  return false;
}
