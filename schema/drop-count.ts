import type { DropReason as Reason } from '../src/broker/counters.ts';
import { builder } from './builder.ts';
import { describedValues } from './described-values.ts';

const descriptions: Record<Reason, string> = {
  QUEUE_OVERFLOW: "The subscription's queue was full: its client did not read fast enough.",
  SUBSCRIPTION_ENDED:
    'It waited in the queue, or to be replayed, when the subscription ended. A client that resumes behind its last position gets it.',
  HISTORY_EXPIRED: 'A client asked for it by position, and it was not kept any more.',
};

export const DropReason = builder.enumType('DropReason', {
  description: 'Why a message was not delivered to a subscription that had asked for it.',
  values: describedValues(descriptions),
});

export const DropCount = builder
  .objectRef<{ reason: Reason; count: number }>('DropCount')
  .implement({
    description: 'How many messages were dropped for one reason.',
    fields: (t) => ({
      reason: t.expose('reason', { type: DropReason, description: 'The reason.' }),
      count: t.expose('count', { type: 'SafeInt', description: 'How many, since start.' }),
    }),
  });
