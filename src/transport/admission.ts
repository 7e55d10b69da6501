import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRateLimit } from '../observe/rate-limit.ts';
import { isHost } from '../config/origin.ts';
import { urlOf } from './http/request-target.ts';
import { respondError } from './http/respond.ts';
import type { TransportContext } from './transport-context.ts';

/**
 * Paths that any host name may reach: a probe may know only the IP address of the
 * gateway, and these answers contain nothing about devices.
 */
const probes: ReadonlySet<string> = new Set(['/health', '/ready']);
/** The time in which at most one line is logged for each reason. */
const logIntervalMs = 10_000;

/**
 * Sets the headers that every answer has, and returns whether the request may continue.
 * If not, the request has been answered.
 */
export type Admit = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Checks every request, including WebSockets, before anything but its head is read. */
export function createAdmission({ originPolicy, refusals, logger }: TransportContext): Admit {
  const refused = createRateLimit<string>({
    intervalMs: logIntervalMs,
    now: () => performance.now(),
    say(reason, message, count) {
      logger.warn({ event: 'request.refused', reason, count }, message);
    },
  });

  return (request, response) => {
    const { headers } = request;
    response
      .setHeader('x-content-type-options', 'nosniff')
      .setHeader('referrer-policy', 'no-referrer')
      .setHeader('x-frame-options', 'DENY')
      .setHeader('cross-origin-resource-policy', 'same-origin')
      .setHeader('cache-control', 'no-store')
      .setHeader('vary', 'origin');
    if (headers.host && !isHost(headers.host)) {
      respondError(response, 400, 'BAD_REQUEST', 'The Host header is malformed.');
      return false;
    }
    const verdict = originPolicy(headers, { anyHost: probes.has(urlOf(request).pathname) });
    if (!verdict.admitted) {
      const { reason, message } = verdict;
      refusals.count(reason);
      refused.event(reason, message);
      respondError(response, 403, 'FORBIDDEN', message);
      return false;
    }
    if (verdict.allowOrigin !== undefined) {
      response
        .setHeader('access-control-allow-origin', verdict.allowOrigin)
        .setHeader('cross-origin-resource-policy', 'cross-origin');
    }
    return true;
  };
}
