import { setTimeout as pause } from 'node:timers/promises';
import { redactUrl } from '../config/kind.ts';
import { createSimulatedDevice } from '../demo/simulated-device.ts';
import { connectToBroker, type BrokerConnection } from './broker-connection.ts';
import { checkBrokerOptions, hasDeviceId, topicOf } from './broker-options.ts';
import { UsageError } from './command-error.ts';
import { readOptions, type Flags, type OptionValues } from './option.ts';
import { createPace } from './pace.ts';
import type { Progress } from './progress.ts';
import { run } from './run.ts';
import { simulateOptions } from './simulate-options.ts';
import { createSimulationReport } from './simulation-report.ts';

type Values = OptionValues<typeof simulateOptions>;

const tickMs = 10;
const backlogMs = 200;
/** How long what is on its way at the end may take to be acknowledged. */
const lastAcknowledgementsMs = 5_000;

/** Publishes what simulated devices send until it is told to end. */
export function simulate(flags: Flags): Promise<void> {
  return run(async ({ signal, progress, print }) => {
    const values = readOptions(simulateOptions, flags);
    checkBrokerOptions(values);
    if (!hasDeviceId(values.topic)) {
      throw new UsageError(
        `--topic is ${JSON.stringify(values.topic)}: it must contain {deviceId}, otherwise every device would have the same id`,
      );
    }
    const broker = await connectToBroker(values, { signal, progress });
    try {
      await print(await publishAll({ values, broker, signal, progress }));
    } finally {
      await broker.close();
    }
  });
}

interface Simulation {
  readonly values: Values;
  readonly broker: BrokerConnection;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Answers the summary. */
async function publishAll({ values, broker, signal, progress }: Simulation): Promise<string> {
  const { rate, topic, count = Infinity, durationS = Infinity } = values;
  const seed = values.seed ?? Math.floor(Math.random() * 2 ** 31);
  const fleet = Array.from({ length: values.devices }, (_, i) => {
    const device = createSimulatedDevice(i, seed);
    return { ...device, topic: topicOf(topic, device.id) };
  });
  const perSecond = rate * fleet.length;
  const startedAt = performance.now();
  const pace = createPace({ perSecond, startedAt });
  const report = createSimulationReport({ perSecond, startedAt, devices: fleet.length });
  const inFlight = new Set<Promise<void>>();
  /** Due, and not yet sent. More is not sent later in a burst, which no device would do. */
  let backlog = 0;
  const backlogAtMost = Math.max(1, Math.ceil((perSecond * backlogMs) / 1_000));
  let turn = 0;
  let ended = false;
  const failures: unknown[] = [];

  progress.note(
    `${fleet.length} devices publish ${rate}/s each, ${perSecond}/s in all, to ${redactUrl(values.mqttUrl)}; Ctrl-C ends it.`,
  );
  async function publishNext(): Promise<void> {
    const device = fleet[turn % fleet.length]!;
    turn += 1;
    report.sent += 1;
    try {
      await broker.publish(device.topic, device.message(Date.now()));
      report.acknowledged += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  /** At each tick, and whenever one is acknowledged: a broker that allows 20 at a time would otherwise see 20 a tick. */
  function drain(): void {
    for (; backlog > 0 && hasRoom(); backlog -= 1) {
      const following = publishNext();
      inFlight.add(following);
      void following.finally(() => {
        inFlight.delete(following);
        if (!ended) drain();
      });
    }
  }
  function publishDue(now: number): void {
    backlog += pace.due(now);
    drain();
    const surplus = backlog - backlogAtMost;
    if (surplus <= 0) return;
    report.heldBack += surplus;
    backlog -= surplus;
    // A device that was held back has had its turn.
    turn += surplus;
  }
  function hasRoom(): boolean {
    if (!broker.isConnected || report.sent >= count) return false;
    return inFlight.size < Math.min(values.maxInFlight, broker.maxInFlight);
  }

  const endsAt = startedAt + durationS * 1_000;
  while (!signal.aborted && failures.length === 0 && report.sent < count) {
    const now = performance.now();
    publishDue(Math.min(now, endsAt));
    if (now >= endsAt) break;
    if (broker.isConnected) report.tell(progress, now, inFlight.size);
    await pause(tickMs, undefined, { signal }).catch(() => undefined);
  }
  ended = true;
  const endedAt = performance.now();
  if (failures.length === 0 && inFlight.size > 0) {
    progress.show(`waiting for the broker to acknowledge ${inFlight.size} messages`);
    const late = new AbortController();
    const timer = pause(lastAcknowledgementsMs, undefined, { signal: late.signal });
    await Promise.race([Promise.all(inFlight), timer.catch(() => undefined)]);
    late.abort();
  }
  if (failures.length > 0) throw failures[0];
  progress.end();
  return report.summary(endedAt);
}
