import { BrokerStats } from './broker-stats.ts';
import { builder } from './builder.ts';

builder.queryType({
  description: 'What can be asked once.',
  fields: (t) => ({
    brokerStats: t.field({
      type: BrokerStats,
      description: 'What the gateway does at this moment.',
      resolve: (_root, _args, context) => context.stats(),
    }),
  }),
});
