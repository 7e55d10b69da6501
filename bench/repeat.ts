import { isDisturbed, type Measurement } from './measurement.ts';

/**
 * Of several runs of the same cell: the median of each figure, and all the losses. Runs that other
 * processes disturbed count only where there is no other.
 */
export function medians(measurements: readonly Measurement[]): Measurement[] {
  const cells = new Map<string, Measurement[]>();
  for (const each of measurements) {
    const key = [each.scenario, each.load, each.row].join('|');
    cells.set(key, [...(cells.get(key) ?? []), each]);
  }
  return Array.from(cells.values(), merge);
}

function merge(runs: readonly Measurement[]): Measurement {
  const [first] = runs;
  if (first === undefined) throw new TypeError('a cell without a run');
  if (runs.length === 1) return first;
  const calm = runs.filter((run) => !isDisturbed(run));
  const merged = medianOf(calm.length > 0 ? calm : runs) as Measurement;
  const sum = (pick: (run: Measurement) => number | undefined) =>
    runs.reduce((total, run) => total + (pick(run) ?? 0), 0);
  return {
    ...merged,
    ...(first.lost === undefined ? {} : { lost: sum((run) => run.lost) }),
    ...(first.wrong === undefined ? {} : { wrong: sum((run) => run.wrong) }),
  };
}

/** Objects field by field, numbers by their median, everything else as in the first. */
function medianOf(values: readonly unknown[]): unknown {
  const [first] = values;
  if (typeof first === 'number') {
    const numbers = values.filter((value) => typeof value === 'number').toSorted((a, b) => a - b);
    return numbers[Math.floor((numbers.length - 1) / 2)];
  }
  if (typeof first !== 'object' || first === null) return first;
  return Object.fromEntries(
    Object.keys(first).map((key) => [
      key,
      medianOf(values.map((value) => (value as Record<string, unknown>)[key])),
    ]),
  );
}
