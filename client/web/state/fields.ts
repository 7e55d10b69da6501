import { signal } from '@preact/signals';
import { createSeries, type Series } from './series.ts';
import type { DeviceMessage } from 'sluice-client';

/** Fields beyond are not looked for: what can be chosen from should be readable. One device does not take the place of all. */
const mostFields = 120;
const mostFieldsFoundInOne = 30;
/** In characters: a longer one is no name that a person has given. */
const longestName = 100;
const deepest = 4;
/** Members of one payload that are looked at. */
const mostMembers = 500;
const mostChosenAtFirst = 2;
/** What hardly anybody means with a chart. */
const unlikely =
  /(^|\.)(id|ts|time|timestamp|lat|lng|lon|latitude|longitude|fcnt|port|heading|course|bearing)$/i;

/** The numeric fields that were found in the payloads of those who are watched, in the order of their finding. */
export const fields = signal<readonly string[]>([]);
export const chosenFields = signal<ReadonlySet<string>>(new Set());

const series = new Map<string, Series>();
/** How many fields were found first in messages of a device. */
const foundIn = new Map<string, number>();

export function seriesOf(field: string): Series | undefined {
  return series.get(field);
}

export function toggleField(field: string): void {
  const next = new Set(chosenFields.value);
  if (!next.delete(field)) next.add(field);
  chosenFields.value = next;
}

/** Every number in a value, by its path; a payload that is a number has the path `value`. */
export function* numbersIn(value: unknown): Generator<[string, number]> {
  let left = mostMembers;
  yield* within(value, '', 0);

  function* within(part: unknown, path: string, depth: number): Generator<[string, number]> {
    if (typeof part === 'number') {
      yield [path === '' ? 'value' : path, part];
    } else if (typeof part === 'object' && part !== null && depth < deepest) {
      if (Array.isArray(part) && part.length > 8) return;
      // Not `Object.entries`, which would make a list of all of them first.
      for (const name in part) {
        if (!Object.hasOwn(part, name)) continue;
        left -= 1;
        if (left < 0) return;
        const inner = path === '' ? name : `${path}.${name}`;
        if (inner.length > longestName) continue;
        yield* within((part as Record<string, unknown>)[name], inner, depth + 1);
      }
    }
  }
}

export function recordFields({ deviceId, payload, gap }: DeviceMessage, receivedAt: number): void {
  for (const [field, value] of numbersIn(payload)) {
    let known = series.get(field);
    if (known === undefined) {
      const already = foundIn.get(deviceId) ?? 0;
      if (series.size >= mostFields || already >= mostFieldsFoundInOne) continue;
      foundIn.set(deviceId, already + 1);
      known = createSeries();
      series.set(field, known);
      found(field);
    }
    if (gap !== null) known.breakOff(deviceId, receivedAt / 1000);
    known.push(deviceId, receivedAt / 1000, value);
  }
}

/** What was kept of a device that is watched no longer, and the fields that it alone had. */
export function forgetFieldsOf(deviceId: string): void {
  foundIn.delete(deviceId);
  for (const [field, known] of series) {
    if (!known.drop(deviceId)) series.delete(field);
  }
  if (series.size === fields.value.length) return;
  fields.value = fields.value.filter((field) => series.has(field));
  chosenFields.value = new Set([...chosenFields.value].filter((field) => series.has(field)));
}

function found(field: string): void {
  fields.value = [...fields.value, field];
  if (chosenFields.value.size < mostChosenAtFirst && !unlikely.test(field)) {
    chosenFields.value = new Set([...chosenFields.value, field]);
  }
}
