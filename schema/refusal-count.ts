import { refusals, type RefusalReason as Reason } from '../src/observe/refusals.ts';
import { builder } from './builder.ts';

export const RefusalReason = builder.enumType('RefusalReason', {
  description: 'Why something that a client sent was refused, or its connection ended.',
  values: Object.fromEntries(
    Object.entries(refusals).map(([reason, description]) => [reason, { description }]),
  ) as Record<Reason, { description: string }>,
});

export const RefusalCount = builder
  .objectRef<{ reason: Reason; count: number }>('RefusalCount')
  .implement({
    description: 'How much was refused for one reason.',
    fields: (t) => ({
      reason: t.expose('reason', { type: RefusalReason, description: 'The reason.' }),
      count: t.expose('count', { type: 'SafeInt', description: 'How often, since start.' }),
    }),
  });
