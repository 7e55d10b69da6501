import { setTimeout as delay } from 'node:timers/promises';
import type { Arguments } from './arguments.ts';
import type { Pinning } from './machine.ts';
import { awaitCalm } from './measure/calm.ts';
import { stopChildren } from './measure/child.ts';
import type { Measurement, Results } from './measurement.ts';
import { rows } from './rows/catalogue.ts';
import type { Row } from './rows/row.ts';
import { Bench, type Durations } from './scenarios/bench.ts';
import { scenarios } from './scenarios/catalogue.ts';
import { curves } from './scenarios/curves.ts';
import type { Scenario } from './scenarios/scenario.ts';

const unhurried: Durations = {
  warmUpSeconds: 2,
  rateSeconds: 5,
  saturateSeconds: 6,
  bursts: 40,
  memoryReadings: 6,
};
const hurried: Durations = {
  warmUpSeconds: 0.4,
  rateSeconds: 1,
  saturateSeconds: 0.8,
  bursts: 10,
  memoryReadings: 2,
};
const quickBudgetSeconds = 82;
const longestWaitMs = 30_000;
/** A cell that hangs must not hang the run. */
const cellTimeoutSeconds = { hurried: 14, unhurried: 240 };

interface Cell {
  readonly scenario: Scenario;
  readonly row: Row;
}

function cells(args: Arguments): Cell[] {
  const chosen = args.curves
    ? curves
    : scenarios.filter((each) => args.scenarios?.includes(each.name) ?? true);
  const onlyCompared = args.rows === undefined && (args.quick || args.curves);
  return chosen.flatMap((scenario) =>
    rows
      .filter((row) =>
        onlyCompared
          ? scenario.compared.includes(row.name)
          : (args.rows?.includes(row.name) ?? true),
      )
      .map((row) => ({ scenario, row })),
  );
}

/** Runs the cells one after the other: what one measures, no other may disturb. */
export async function runPlan(
  args: Arguments,
  pinning: Pinning,
  say: (text: string) => void,
): Promise<Results> {
  const results: Results = { measurements: [], notRun: [] };
  const begun = performance.now();
  for (let round = 0; round < args.repeat; round++) {
    for (const { scenario, row } of cells(args)) {
      const label =
        scenario.at === undefined
          ? scenario.name
          : `${scenario.name} ${scenario.at.toLocaleString('en')}`;
      const skip = (reason: string) => {
        results.notRun.push({ scenario: label, row: row.name, reason });
        say(`${label} ${row.name}: not run: ${reason}`);
      };
      const elapsed = (performance.now() - begun) / 1000;
      if (args.quick && elapsed + scenario.quickSeconds > quickBudgetSeconds) {
        skip('the time of --quick is over');
        continue;
      }
      if (!args.quick) await awaitCalm(longestWaitMs);
      try {
        const seconds = args.quick
          ? Math.min(cellTimeoutSeconds.hurried, quickBudgetSeconds + 2 - elapsed)
          : cellTimeoutSeconds.unhurried;
        const measured = await withTimeout(runCell(scenario, row, args.quick, pinning), seconds);
        results.measurements.push(...measured);
        const took = ((performance.now() - begun) / 1000 - elapsed).toFixed(1);
        say(`${label} ${row.name}: ${measured.map(inShort).join('; ')} (${took} s)`);
      } catch (error) {
        skip(error instanceof Error ? error.message : String(error));
      } finally {
        await stopChildren();
      }
    }
  }
  return results;
}

async function runCell(
  scenario: Scenario,
  row: Row,
  quick: boolean,
  pinning: Pinning,
): Promise<Measurement[]> {
  const { shape, playsBroker } = scenario;
  const durations = quick ? hurried : unhurried;
  await using bench = await Bench.start({ row, durations, pinning, shape, playsBroker });
  const measured = await scenario.run(bench);
  return measured.map((each) => ({ ...each, scenario: scenario.name, row: row.name }));
}

async function withTimeout<T>(work: Promise<T>, seconds: number): Promise<T> {
  const timer = new AbortController();
  const late = delay(seconds * 1000, undefined, { signal: timer.signal }).then((): never => {
    throw new Error(`not over after ${Math.round(seconds)} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
    late.catch(() => {
      // Aborted, which is what was wanted.
    });
    work.catch(() => {
      // Its processes are being ended under it; what it says of that is no news.
    });
  }
}

function inShort(measurement: Measurement): string {
  const { load, cpuMicrosPerDelivery: cpu, deliveriesPerSecond: rate } = measurement;
  const parts = [load];
  if (cpu !== undefined) parts.push(`${cpu.toFixed(2)} µs`);
  if (rate !== undefined) parts.push(`${Math.round(rate).toLocaleString('en')}/s`);
  if (measurement.burstMs !== undefined) parts.push(`${measurement.burstMs.toFixed(1)} ms`);
  if (measurement.kibPerConnection !== undefined) {
    parts.push(`${measurement.kibPerConnection.toFixed(1)} KiB`);
  }
  return parts.join(' ');
}
