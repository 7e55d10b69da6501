import type { StatsFragment } from '../../client/generated/graphql.ts';
import { shownStats } from '../../client/generated/shown-stats.ts';
import type { ShownStat } from '../../client/shown-stat.ts';
import { visible } from '../observe/terminal-text.ts';

export type Stats = StatsFragment;

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en-US', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const labelColumns = 32;
const numberColumns = 16;

/** The first lines tell these. */
const inHeading: readonly ShownStat['name'][] = ['version', 'uptimeSeconds', 'ingestConnected'];
const inRows = shownStats.filter(({ name }) => !inHeading.includes(name));
const counters = inRows.filter(({ kind }) => kind === 'counter');
const others = inRows.filter(({ kind }) => kind !== 'counter');

/** Every metric for a person, a line each. Beside counters there are rates, with the stats of before. */
export function statsTable(stats: Stats, before: Stats | undefined, address: string): string[] {
  const elapsedS = before === undefined ? 0 : stats.uptimeSeconds - before.uptimeSeconds;
  // Of a gateway that was restarted meanwhile there is nothing to compare with.
  const compared = elapsedS > 0 ? before : undefined;

  function rowsOf({ title, kind, unit, read, counts }: ShownStat): string[] {
    const line = (label: string, value: Value, earlier: Value | undefined): string => {
      const rate =
        kind === 'counter' && typeof value === 'number' && typeof earlier === 'number'
          ? tenths.format((value - earlier) / elapsedS)
          : '';
      return row(label, shown(value, unit), rate);
    };
    const countsBefore = compared && counts?.(compared);
    const some = [...(counts?.(stats) ?? [])].filter(([, count]) => count > 0);
    return [
      line(title, read(stats), compared && read(compared)),
      ...some.map(([word, count]) =>
        line(`  ${visible(word)}`, count, countsBefore && (countsBefore.get(word) ?? 0)),
      ),
    ];
  }

  return [
    `Sluice ${visible(stats.version)} at ${address}`,
    `up ${duration(stats.uptimeSeconds)}, MQTT broker ${stats.ingestConnected ? 'connected' : 'NOT CONNECTED'}`,
    '',
    row('since the start', 'total', compared === undefined ? '' : 'per second'),
    ...counters.flatMap(rowsOf),
    '',
    row('now', '', ''),
    ...others.flatMap(rowsOf),
  ];
}

type Value = ReturnType<ShownStat['read']>;

function shown(value: Value, unit: ShownStat['unit']): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return visible(value);
  switch (unit) {
    case 'bytes':
      return `${tenths.format(value / 2 ** 20)} MiB`;
    case 'milliseconds':
      return `${tenths.format(value)} ms`;
    case 'seconds':
      return duration(value);
    case 'count':
    case 'none':
      return whole.format(value);
  }
}

function row(label: string, total: string, rate: string): string {
  return `${label.padEnd(labelColumns)}${total.padStart(numberColumns)}${rate.padStart(numberColumns)}`.trimEnd();
}

function duration(seconds: number): string {
  const all = Math.floor(seconds);
  if (all < 60) return `${all} s`;
  if (all < 3_600) return `${Math.floor(all / 60)} min ${all % 60} s`;
  const hours = Math.floor(all / 3_600);
  const minutes = Math.floor((all % 3_600) / 60);
  return hours < 24 ? `${hours} h ${minutes} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
