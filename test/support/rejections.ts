import type { Gateway } from '../../src/gateway.ts';
import type { RejectionReason } from '../../src/kernel/rejection.ts';

/** What the gateway has rejected, by those reasons that occurred. */
export function rejectionsOf(gateway: Gateway): Partial<Record<RejectionReason, number>> {
  return Object.fromEntries(
    gateway
      .stats()
      .messagesRejectedByReason.filter(({ count }) => count > 0)
      .map(({ reason, count }) => [reason, count]),
  );
}
