import { refusals, type RefusalReason as Reason } from '../src/observe/refusals.ts';
import { builder } from './builder.ts';
import { describedValues } from './described-values.ts';

export const RefusalReason = builder.enumType('RefusalReason', {
  description: 'Why something that a client sent was refused, or its connection ended.',
  values: describedValues(refusals),
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
