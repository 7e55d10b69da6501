import type { Counters } from './counters.ts';
import { transportNames } from '../kernel/caller.ts';
import type { BrokerStats } from './broker-stats.ts';
import { total } from './counts.ts';
import { labelWord, type Metric, type ValuesOf } from './metric.ts';
import { entryOf, metricNames, type Metrics, type MetricSources } from './catalogue.ts';

export interface SnapshotSources extends MetricSources {
  readonly broker: MetricSources['broker'] & { readonly counters: Readonly<Counters> };
}

type Counts = Readonly<Record<string, number>>;
type Single = Exclude<Metric<MetricSources>, { readonly members: object } | Breakdown>;
type Breakdown = Extract<Metric<MetricSources>, { readonly label: object }>;

/** Reads every metric of the catalogue. */
export function snapshot(from: SnapshotSources): BrokerStats {
  return Object.fromEntries(
    metricNames.map((name) => [name, valueOf(entryOf(name), from)]),
  ) as ValuesOf<Metrics>;
}

function valueOf(metric: Metric<MetricSources>, from: SnapshotSources): unknown {
  if ('members' in metric) return metric.read(from);
  return 'label' in metric ? breakdownOf(metric, from) : singleOf(metric, from);
}

function singleOf({ source }: Single, from: SnapshotSources): unknown {
  if ('read' in source) return source.read(from);
  if ('held' in source) return heldNumber(from.broker.counters, source.held);
  return total(countsOf(breakdownNamed(source.totalOf), from));
}

function breakdownOf(metric: Breakdown, from: SnapshotSources): unknown {
  const { name } = metric.label;
  return Object.entries(countsOf(metric, from)).map(([key, count]) => ({
    [name]: labelWord(key),
    count,
  }));
}

function countsOf({ source, label }: Breakdown, from: SnapshotSources): Counts {
  if ('read' in source) return source.read(from);
  const { counters } = from.broker;
  if (label.name !== 'transport') return heldCounts(counters, source.held);
  return Object.fromEntries(
    transportNames.map((transport) => [
      transport,
      heldNumber(counters.byTransport[transport], source.held),
    ]),
  );
}

/** The breakdown of this name. Any other name is a mistake in the catalogue, which its tests find. */
function breakdownNamed(name: string): Breakdown {
  const known = metricNames.find((each) => each === name);
  const metric = known === undefined ? undefined : entryOf(known);
  if (metric === undefined || !('label' in metric)) throw new TypeError(`no breakdown: ${name}`);
  return metric;
}

function heldNumber(counters: Readonly<Record<string, unknown>>, name: string): number {
  return counters[name] as number;
}

function heldCounts(counters: Readonly<Record<string, unknown>>, name: string): Counts {
  return counters[name] as Counts;
}
