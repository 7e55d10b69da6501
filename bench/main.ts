import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { help, readArguments, type Arguments } from './arguments.ts';
import { judge } from './bounds.ts';
import { machine, pinning } from './machine.ts';
import { stopChildren } from './measure/child.ts';
import { runPlan } from './plan.ts';
import { plot } from './plot.ts';
import { medians } from './repeat.ts';
import { notRunLines, table, verdicts } from './report.ts';

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Progress goes beside the result, so that the result can be redirected. */
function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function save(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

async function main(args: Arguments): Promise<number> {
  const pins = pinning(args.pin);
  const about = `${machine()}; ${pins.said}`;
  progress(about);
  const results = await runPlan(args, pins, progress);
  const measurements = medians(results.measurements);

  say(`\n${about}\n`);
  say(table(measurements));
  if (results.notRun.length > 0) say(`\n${notRunLines(results.notRun)}`);
  if (!args.curves) say(`\n${verdicts(measurements)}`);

  const judged = judge(measurements);
  if (args.json !== undefined) {
    const { notRun, measurements: runs } = results;
    const all = { machine: about, measurements, verdicts: judged, notRun, runs };
    await save(args.json, `${JSON.stringify(all, null, 2)}\n`);
  }
  if (args.plot !== undefined) await save(args.plot, plot(measurements, args.curves));

  const inexact = measurements.some((each) => (each.lost ?? 0) + (each.wrong ?? 0) > 0);
  const missed = args.strict && judged.some((verdict) => verdict.met === false);
  return inexact || missed ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void stopChildren().finally(() => process.exit(130));
  });
}

try {
  const args = readArguments(process.argv.slice(2));
  if (process.platform !== 'linux')
    throw new TypeError('the benchmark reads /proc: it needs Linux');
  if (args.help) say(help);
  else process.exitCode = await main(args);
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
