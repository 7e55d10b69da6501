import { signal } from '@preact/signals';
import { createSeries, type Series } from './series.ts';
import type { DeviceMessage } from './interim-client.ts';

/** Fields beyond are not looked for: what can be chosen from should be readable. */
const mostFields = 60;
const deepest = 4;
const mostChosenAtFirst = 2;
/** What hardly anybody means with a chart. */
const unlikely =
  /(^|\.)(id|ts|time|timestamp|lat|lng|lon|latitude|longitude|fcnt|port|heading|course|bearing)$/i;

/** The numeric fields that were found in payloads, in the order of their finding. */
export const fields = signal<readonly string[]>([]);
export const chosenFields = signal<ReadonlySet<string>>(new Set());

const series = new Map<string, Series>();

export function seriesOf(field: string): Series | undefined {
  return series.get(field);
}

export function toggleField(field: string): void {
  const next = new Set(chosenFields.value);
  if (!next.delete(field)) next.add(field);
  chosenFields.value = next;
}

/** Every number in a value, by its path; a payload that is a number has the path `value`. */
export function* numbersIn(value: unknown, path = '', depth = 0): Generator<[string, number]> {
  if (typeof value === 'number') {
    yield [path === '' ? 'value' : path, value];
  } else if (typeof value === 'object' && value !== null && depth < deepest) {
    if (Array.isArray(value) && value.length > 8) return;
    for (const [name, member] of Object.entries(value)) {
      yield* numbersIn(member, path === '' ? name : `${path}.${name}`, depth + 1);
    }
  }
}

export function recordFields({ deviceId, payload, gap }: DeviceMessage, receivedAt: number): void {
  for (const [field, value] of numbersIn(payload)) {
    let known = series.get(field);
    if (known === undefined) {
      if (series.size >= mostFields) continue;
      known = createSeries();
      series.set(field, known);
      found(field);
    }
    if (gap !== null) known.breakOff(deviceId, receivedAt / 1000);
    known.push(deviceId, receivedAt / 1000, value);
  }
}

function found(field: string): void {
  fields.value = [...fields.value, field];
  if (chosenFields.value.size < mostChosenAtFirst && !unlikely.test(field)) {
    chosenFields.value = new Set([...chosenFields.value, field]);
  }
}
