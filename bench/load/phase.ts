import type { Percentiles } from '../measure/histogram.ts';
import type { PublishJob, PublishReport } from './jobs.ts';
import type { Crowd } from './crowd.ts';
import type { Ledger } from './ledger.ts';

export interface PhaseOptions {
  readonly job: PublishJob;
  /** Look into every nth message of each client; 1 is all of them. */
  readonly sampleEvery: number;
  /** Give up when nothing has arrived for this long. */
  readonly patienceMs: number;
}

export interface PhaseReport extends PublishReport {
  readonly expected: number;
  readonly received: number;
  readonly lost: number;
  readonly surplus: number;
  readonly misplaced: number;
  readonly problems: readonly string[];
  readonly elapsedMs: number;
  readonly latency: Percentiles;
}

export interface SealReport {
  /** Clients that have not got the last message of one of their devices. */
  readonly behind: number;
  readonly misplaced: number;
  readonly problems: readonly string[];
}

type Publish = (job: PublishJob) => Promise<PublishReport>;

/** Publishes, waits for what is due, and holds each client's count against what it was promised. */
export async function runPhase(
  options: PhaseOptions,
  crowd: Crowd,
  ledger: Ledger,
  publish: Publish,
): Promise<PhaseReport> {
  const watchers = crowd.healthy;
  const { findings } = crowd;
  findings.begin(true);
  for (const watcher of watchers) watcher.begin(ledger.sequences, options.sampleEvery);
  const before = ledger.received;
  const published = await publish(options.job);
  let expected = 0;
  for (const watcher of watchers) expected += watcher.missing(ledger.sequences);
  expected += ledger.received - before;
  await crowd.settle(before, expected, options.patienceMs);
  const elapsedMs = (crowd.lastArrival - published.startedAt) / 1000;

  let lost = 0;
  let surplus = 0;
  for (const watcher of watchers) {
    const missing = watcher.missing(ledger.sequences);
    if (missing > 0) lost += missing;
    else surplus -= missing;
  }
  const received = ledger.received - before;
  return {
    ...published,
    expected,
    received,
    lost,
    surplus,
    misplaced: findings.misplaced,
    problems: [...findings.problems],
    elapsedMs,
    latency: findings.latency.percentiles(),
  };
}

/**
 * Closes a phase: one more message of each device, which every client must get. It comes behind all
 * others, so together with the right count it says that the right ones have arrived.
 */
export async function seal(
  devices: number,
  patienceMs: number,
  crowd: Crowd,
  ledger: Ledger,
  publish: Publish,
): Promise<SealReport> {
  const watchers = crowd.healthy;
  crowd.findings.begin(false);
  for (const watcher of watchers) watcher.begin(ledger.sequences, 1);
  await publish({ kind: 'round', devices });
  const behind = await crowd.catchUp(patienceMs, watchers);
  return { behind, misplaced: crowd.findings.misplaced, problems: [...crowd.findings.problems] };
}

/** Publishes rounds until every client has seen all its devices: only then is everyone subscribed. */
export async function awaitSubscriptions(
  devices: number,
  crowd: Crowd,
  publish: Publish,
): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    await publish({ kind: 'round', devices });
    const behind = await crowd.catchUp(1000, crowd.watchers);
    if (behind === 0) break;
    if (performance.now() > deadline) {
      const why = crowd.findings.problems.join('; ') || 'no message reaches them';
      throw new Error(`${behind} of ${crowd.watchers.length} clients are not subscribed: ${why}`);
    }
  }
  crowd.findings.checksOrder = true;
}
