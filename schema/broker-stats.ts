import type { BrokerStats as Stats } from '../src/metrics/broker-stats.ts';
import type { ScalarName, Scalars } from '../src/metrics/metric.ts';
import { entryOf, metricNames } from '../src/metrics/catalogue.ts';
import type { Builder } from './builder.ts';
import { addCountTypes, type LabelledCount } from './label-count.ts';

/** The fields are those of the catalogue of metrics; their values come from `snapshot`. */
export function addBrokerStats(builder: Builder) {
  const countTypeOf = addCountTypes(builder);
  return builder.objectRef<Stats>('BrokerStats').implement({
    description: 'The metrics of the gateway. Counters count from its start.',
    fields: (t) =>
      Object.fromEntries(
        metricNames.map((name) => {
          const metric = entryOf(name);
          const { description } = metric;
          if ('members' in metric) {
            const type = addPart(builder, metric);
            return [
              name,
              t.field({ type, description, resolve: (stats) => objectIn(stats, name) }),
            ];
          }
          if ('label' in metric) {
            const type = countTypeOf(metric.label);
            const resolve = (stats: Stats): readonly LabelledCount[] => countsIn(stats, name);
            return [name, t.field({ type: [type], description, resolve })];
          }
          const { type } = metric;
          return [name, t.field({ type, description, resolve: (stats) => valueIn(stats, name) })];
        }),
      ),
  });
}

export type BrokerStatsRef = ReturnType<typeof addBrokerStats>;

type Part = Extract<ReturnType<typeof entryOf>, { readonly members: object }>;

/** `ProcessStats`, for instance. */
function addPart(builder: Builder, { typeName, typeDescription, members }: Part) {
  return builder.objectRef<object>(typeName).implement({
    description: typeDescription,
    fields: (t) =>
      Object.fromEntries(
        Object.entries(members).map(([name, { type, description }]) => [
          name,
          t.field({ type, description, resolve: (values) => valueIn(values, name) }),
        ]),
      ),
  });
}

function memberOf(values: object, name: string): unknown {
  return (values as Readonly<Record<string, unknown>>)[name];
}

function objectIn(values: object, name: string): object {
  return memberOf(values, name) as object;
}

function countsIn(values: object, name: string): readonly LabelledCount[] {
  return memberOf(values, name) as readonly LabelledCount[];
}

function valueIn(values: object, name: string): Scalars[ScalarName] {
  return memberOf(values, name) as Scalars[ScalarName];
}
