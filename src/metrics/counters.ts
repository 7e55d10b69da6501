import { transportNames, type Transport } from '../kernel/caller.ts';
import { zeroes } from './counts.ts';
import type { Label, LabelKey } from './metric.ts';
import { entryOf, metricNames, type Metrics } from './catalogue.ts';

type Held<Name> = { readonly source: { readonly held: Name } };
/** The name of the counter that holds a metric; `never` for a metric that is read elsewhere. */
type HeldName<One> = One extends Held<infer Name extends string> ? Name : never;
type ByTransport = { readonly label: { readonly name: 'transport' } };
type ByReason = { readonly label: Label & { readonly name: 'reason' } };

/** The counters of one transport. */
export type TransportCounters = {
  -readonly [
    Name in keyof Metrics as Metrics[Name] extends ByTransport ? HeldName<Metrics[Name]> : never
  ]: number;
};

type ReasonCounters = {
  readonly [
    Name in keyof Metrics as Metrics[Name] extends ByReason ? HeldName<Metrics[Name]> : never
  ]: Metrics[Name] extends { readonly label: infer Of extends Label }
    ? Record<LabelKey<Of>, number>
    : never;
};

type PlainCounters = {
  -readonly [
    Name in keyof Metrics as Metrics[Name] extends { readonly label: Label }
      ? never
      : HeldName<Metrics[Name]>
  ]: number;
};

/**
 * Plain numbers that the hot path increments and reports read: the metrics of the
 * catalogue whose source is `held`. A subscription keeps the counters of its transport,
 * so that a delivery increments one field.
 *
 * For every subscription that waits for nothing but its queue: delivered + dropped +
 * conflated + queued = published to it + what was to be replayed.
 */
export type Counters = PlainCounters &
  ReasonCounters & { readonly byTransport: Readonly<Record<Transport, TransportCounters>> };

export function createCounters(): Counters {
  const counters: Record<string, unknown> = {};
  const ofTransport: string[] = [];
  for (const name of metricNames) {
    const metric = entryOf(name);
    if (!('source' in metric) || !('held' in metric.source)) continue;
    const { held } = metric.source;
    if (!('label' in metric)) counters[held] = 0;
    else if (metric.label.name === 'transport') ofTransport.push(held);
    else counters[held] = zeroes(Object.keys(metric.label.values));
  }
  counters['byTransport'] = Object.fromEntries(
    transportNames.map((transport) => [transport, zeroes(ofTransport)]),
  );
  return counters as Counters;
}
