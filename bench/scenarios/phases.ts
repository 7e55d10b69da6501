import type { Load } from '../load/load.ts';
import type { PhaseReport } from '../load/phase.ts';
import { fanOut, type Shape } from '../load/shape.ts';
import { watchUsage } from '../measure/usage.ts';
import type { Bench } from './bench.ts';
import type { Unnamed } from './scenario.ts';

const patienceMs = 3000;
/** At saturation a look into each message would slow the clients down. */
const sampleEvery = 32;
/** A server that falls behind a fixed rate may have this much of it waiting; the rest is held back. */
const behindSeconds = 0.4;

export interface Stage {
  readonly bench: Bench;
  readonly load: Load;
  readonly shape: Shape;
  /** The most that may be published and not yet have arrived everywhere, in messages. */
  readonly maxOutstanding: number;
}

/** Before anything is measured: the compilers have seen the hot path, buffers have their size. */
export async function warmUp(stage: Stage): Promise<void> {
  await saturatePhase(stage, stage.bench.durations.warmUpSeconds);
}

export async function saturate(stage: Stage): Promise<Unnamed> {
  const { saturateSeconds } = stage.bench.durations;
  return measured(stage, 'saturation', () => saturatePhase(stage, saturateSeconds));
}

export async function atRate(stage: Stage, perSecond: number): Promise<Unnamed> {
  const { shape } = stage;
  const job = {
    kind: 'rate',
    devices: shape.devices,
    perSecond,
    seconds: stage.bench.durations.rateSeconds,
    fanOut: fanOut(shape),
    maxOutstanding: perSecond * behindSeconds,
  } as const;
  return measured(stage, `${perSecond}/s`, () =>
    stage.load.run({ job, sampleEvery: 1, patienceMs }),
  );
}

/** Milliseconds from the first publish of each burst to the last receipt. */
export async function bursts(stage: Stage, count: number, size: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const job = { kind: 'burst', devices: stage.shape.devices, size } as const;
    const report = await stage.bench.whileAlive(
      stage.load.run({ job, sampleEvery: 16, patienceMs }),
    );
    refuseWrong(report.problems);
    if (report.lost > 0) throw new Error(`a burst lost ${report.lost} deliveries`);
    times.push(report.elapsedMs);
  }
  return times;
}

function saturatePhase(stage: Stage, seconds: number): Promise<PhaseReport> {
  const { shape } = stage;
  const job = {
    kind: 'saturate',
    devices: shape.devices,
    seconds,
    fanOut: fanOut(shape),
    maxOutstanding: stage.maxOutstanding,
  } as const;
  return stage.load.run({ job, sampleEvery, patienceMs });
}

async function measured(
  stage: Stage,
  load: string,
  phase: () => Promise<PhaseReport>,
): Promise<Unnamed> {
  const usage = watchUsage(stage.bench.pids(stage.load));
  const report = await stage.bench.whileAlive(phase());
  const used = usage();
  const elapsedMicros = report.elapsedMs * 1000;
  const closing = await stage.bench.whileAlive(stage.load.seal(patienceMs));
  refuseWrong(report.problems);
  refuseWrong(closing.problems);
  const notes = [];
  if (report.heldBack > 0) {
    const reached = Math.round(report.published / (report.elapsedMs / 1000));
    notes.push(`cannot keep up: ${reached} of ${load}`);
  }
  return {
    load,
    cpuMicrosPerDelivery: used.server / report.received,
    deliveriesPerSecond: report.received / (report.elapsedMs / 1000),
    latency: report.latency,
    deliveries: report.received,
    lost: report.lost,
    wrong: report.surplus + report.misplaced + closing.misplaced + closing.behind,
    busy: used.server / elapsedMicros,
    brokerBusy: used.broker / elapsedMicros,
    loadBusy: used.load / elapsedMicros,
    othersBusy: used.others / elapsedMicros,
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
  };
}

/** What is no message, or not for this client, makes the figures worthless. */
function refuseWrong(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join('; '));
}
