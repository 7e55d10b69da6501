import type { Gateway } from '../../src/gateway.ts';
import type { RefusalReason } from '../../src/metrics/refusals.ts';

/** What the gateway has refused, by those reasons that occurred. */
export function refusalsOf(gateway: Gateway): Partial<Record<RefusalReason, number>> {
  return Object.fromEntries(
    gateway
      .stats()
      .requestsRefusedByReason.filter(({ count }) => count > 0)
      .map(({ reason, count }) => [reason, count]),
  );
}
