import { judge, type Verdict } from './bounds.ts';
import type { Measurement, NotRun } from './measurement.ts';

interface Column {
  readonly title: string;
  readonly left?: true;
  cell(measurement: Measurement): string;
}

const columns: readonly Column[] = [
  { title: 'scenario', left: true, cell: (each) => each.scenario },
  { title: 'load', left: true, cell: (each) => each.load },
  { title: 'row', left: true, cell: (each) => each.row },
  { title: 'CPU µs/delivery', cell: (each) => fixed(each.cpuMicrosPerDelivery, 2) },
  { title: 'deliveries/s', cell: (each) => thousands(each.deliveriesPerSecond) },
  { title: 'p50 ms', cell: (each) => fixed(each.latency?.p50Ms, 2) },
  { title: 'p99 ms', cell: (each) => fixed(each.latency?.p99Ms, 2) },
  { title: 'p99.9 ms', cell: (each) => fixed(each.latency?.p999Ms, 2) },
  { title: 'lost', cell: (each) => thousands(each.lost) },
  { title: 'wrong', cell: (each) => thousands(each.wrong) },
  { title: 'KiB/conn', cell: (each) => fixed(each.kibPerConnection, 1) },
  { title: 'burst ms', cell: (each) => fixed(each.burstMs, 1) },
  { title: 'growth MiB', cell: (each) => fixed(each.growthMib, 1) },
  { title: 'busy', cell: (each) => percent(each.busy) },
  { title: 'broker', cell: (each) => percent(each.brokerBusy) },
  { title: 'load', cell: (each) => percent(each.loadBusy) },
  { title: 'others', cell: (each) => percent(each.othersBusy) },
  { title: 'note', left: true, cell: (each) => each.note ?? '' },
];

/** The table; a column in which this run has nothing is left out. */
export function table(measurements: readonly Measurement[]): string {
  const used = columns.filter((column) => measurements.some((each) => column.cell(each) !== ''));
  const lines = [
    used.map((column) => column.title),
    ...measurements.map((each) => used.map((column) => column.cell(each))),
  ];
  return align(
    lines,
    used.map((column) => column.left === true),
  );
}

export function verdicts(measurements: readonly Measurement[]): string {
  const lines = judge(measurements).map((verdict) => [
    verdict.text,
    verdict.measured === undefined ? '–' : significant(verdict.measured),
    verdict.required,
    outcome(verdict),
  ]);
  return align([['in this run', 'measured', 'required', ''], ...lines], [true, false, true, true]);
}

function outcome({ met, disturbed }: Verdict): string {
  if (met === undefined) return 'not measured';
  return `${met ? 'met' : 'MISSED'}${disturbed ? ' (other processes ran beside it)' : ''}`;
}

export function notRunLines(notRun: readonly NotRun[]): string {
  return notRun
    .map((each) => `not run: ${each.scenario} ${each.row}: ${each.reason.replaceAll('\n', ' | ')}`)
    .join('\n');
}

function align(lines: readonly string[][], left: readonly boolean[]): string {
  const widths = left.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, i) =>
          left[i] === true ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function fixed(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? '' : value.toFixed(digits);
}

function significant(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

function thousands(value: number | undefined): string {
  return value === undefined ? '' : Math.round(value).toLocaleString('en');
}

function percent(value: number | undefined): string {
  return value === undefined ? '' : `${Math.round(value * 100)} %`;
}
