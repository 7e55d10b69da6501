import type { EndReason as Reason } from '../src/broker/end-reason.ts';
import { builder } from './builder.ts';
import { describedValues } from './described-values.ts';

const descriptions: Record<Reason, string> = {
  CLIENT_COMPLETED: 'The client wanted no more.',
  CONNECTION_LOST: 'Its connection ended, with or without a word.',
  SLOW_CONSUMER: 'Its queue was full and its policy is DISCONNECT.',
  SHUTTING_DOWN: 'The gateway was told to end.',
  INTERNAL_ERROR: 'Something broke inside the gateway; the log says what.',
};

const EndReason = builder.enumType('EndReason', {
  description: 'Why a subscription ended.',
  values: describedValues(descriptions),
});

export const EndCount = builder.objectRef<{ reason: Reason; count: number }>('EndCount').implement({
  description: 'How many subscriptions ended for one reason.',
  fields: (t) => ({
    reason: t.expose('reason', { type: EndReason, description: 'The reason.' }),
    count: t.expose('count', { type: 'SafeInt', description: 'How many, since start.' }),
  }),
});
