import { AnswerBudget } from '../../schema/answer-budget.ts';
import type { SchemaContext } from '../../schema/builder.ts';
import { libraryCaller } from '../../src/kernel/caller.ts';
import type { Broker } from '../../src/broker/broker.ts';
import { createMemoryLog } from '../../src/log/memory-log.ts';

/** What resolvers see in a gateway that has nothing but a broker. */
export function contextOf(broker: Broker, context: Partial<SchemaContext> = {}): SchemaContext {
  return {
    subscriptions: broker,
    log: createMemoryLog({ maxDevices: 10 }),
    online: () => null,
    budget: new AnswerBudget(10_000),
    stats: noStats,
    limits: { maxDeviceIds: 10, queueSize: 10 },
    caller: libraryCaller('test'),
    ...context,
    sharedStats: context.sharedStats ?? context.stats ?? noStats,
  };
}

function noStats(): never {
  throw new Error('nobody asks for stats here');
}
