import type { ProcessStats as Stats } from '../src/observe/process-stats.ts';
import { builder } from './builder.ts';

export const ProcessStats = builder.objectRef<Stats>('ProcessStats').implement({
  description: 'What the process of the gateway takes.',
  fields: (t) => ({
    eventLoopDelayMs: t.exposeFloat('eventLoopDelayMs', {
      description:
        'The longest time for which nothing else could be done, within the last one to two seconds. Some milliseconds are normal; hundreds are a gateway at its limit.',
    }),
    heapUsedBytes: t.expose('heapUsedBytes', {
      type: 'SafeInt',
      description: 'Memory in use on the heap of JavaScript.',
    }),
    residentBytes: t.expose('residentBytes', {
      type: 'SafeInt',
      description: 'Memory of the whole process, as the operating system counts it.',
    }),
  }),
});
