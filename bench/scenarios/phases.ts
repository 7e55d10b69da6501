import type { Load } from '../load/load.ts';
import type { PhaseReport } from '../load/phase.ts';
import { fanOut, type Shape } from '../load/shape.ts';
import { cpuMicros } from '../measure/proc.ts';
import type { Bench } from './bench.ts';
import type { Unnamed } from './scenario.ts';

const patienceMs = 3000;

export interface Stage {
  readonly bench: Bench;
  readonly load: Load;
  readonly shape: Shape;
  /** The most that may be published and not yet have arrived everywhere, in messages. */
  readonly maxOutstanding: number;
}

/** Before anything is measured: the compilers have seen the hot path, buffers have their size. */
export async function warmUp(stage: Stage): Promise<void> {
  await saturatePhase(stage, stage.bench.durations.warmUpSeconds, 1000);
}

export async function saturate(stage: Stage): Promise<Unnamed> {
  const { saturateSeconds } = stage.bench.durations;
  return measured(stage, 'saturation', () => saturatePhase(stage, saturateSeconds, 64));
}

export async function atRate(stage: Stage, perSecond: number): Promise<Unnamed> {
  const { shape } = stage;
  const job = {
    kind: 'rate',
    devices: shape.devices,
    perSecond,
    seconds: stage.bench.durations.rateSeconds,
    fanOut: fanOut(shape),
    maxOutstanding: stage.maxOutstanding,
  } as const;
  return measured(stage, `${perSecond}/s`, () =>
    stage.load.run({ job, sampleEvery: 1, sealDevices: shape.devices, patienceMs }),
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
    refuseWrong(report);
    if (report.lost > 0) throw new Error(`a burst lost ${report.lost} deliveries`);
    times.push(report.elapsedMs);
  }
  return times;
}

function saturatePhase(stage: Stage, seconds: number, sampleEvery: number): Promise<PhaseReport> {
  const { shape } = stage;
  const job = {
    kind: 'saturate',
    devices: shape.devices,
    seconds,
    fanOut: fanOut(shape),
    maxOutstanding: stage.maxOutstanding,
  } as const;
  return stage.load.run({ job, sampleEvery, sealDevices: shape.devices, patienceMs });
}

async function measured(
  stage: Stage,
  load: string,
  phase: () => Promise<PhaseReport>,
): Promise<Unnamed> {
  const { pid } = stage.bench.server;
  const before = cpuMicros(pid);
  const report = await stage.bench.whileAlive(phase());
  const used = cpuMicros(pid) - before;
  refuseWrong(report);
  const notes = [];
  if (report.heldBack > 0) {
    const reached = Math.round(report.published / (report.elapsedMs / 1000));
    notes.push(`cannot keep up: ${reached} of ${load}`);
  }
  return {
    load,
    cpuMicrosPerDelivery: used / report.received,
    deliveriesPerSecond: report.received / (report.elapsedMs / 1000),
    latency: report.latency,
    deliveries: report.received,
    lost: report.lost,
    wrong: report.surplus + report.misplaced,
    busy: used / (report.elapsedMs * 1000),
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
  };
}

function refuseWrong(report: PhaseReport): void {
  if (report.problems.length > 0) throw new Error(report.problems.join('; '));
}
