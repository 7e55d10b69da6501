import type { Load } from '../load/load.ts';
import { fillerDevice, type Shape } from '../load/shape.ts';
import { settledKib } from '../measure/memory.ts';
import type { Measurement } from '../measurement.ts';
import type { Bench } from './bench.ts';
import { oneDevice, oneDeviceOutstanding } from './fan-out.ts';
import { atRate, warmUp } from './phases.ts';
import type { Scenario, Unnamed } from './scenario.ts';

/**
 * The kernel takes some 3 MB for a client that does not read; this is beyond that, and beyond any queue
 * of 100 messages.
 */
const fill = { count: 700, bytes: 8192 };
const patienceMs = 10_000;
const someStalled: Shape = { ...oneDevice, stalling: 20 };
const halfStalled: Shape = {
  ...oneDevice,
  connections: 100,
  stalling: 100,
  payloadBytes: 8192,
};

export const s7: Scenario = {
  name: 'S7',
  about: 'as S1, with 20 clients more that have stopped reading',
  compared: ['sluice'],
  quickSeconds: 5,
  shape: someStalled,
  playsBroker: false,
  async run(bench) {
    const shape = someStalled;
    const load = await bench.open();
    const stage = { bench, load, shape, maxOutstanding: oneDeviceOutstanding };
    await warmUp(stage);
    await load.stall();
    await fillSockets(bench, load, shape);
    return [withDrops(await atRate(stage, 100), await bench.dropped())];
  },
};

export const s7Memory: Scenario = {
  name: 'S7-memory',
  about: '8 KiB messages at 200/s, 100 of 200 clients have stopped reading',
  compared: ['sluice'],
  quickSeconds: 6,
  shape: halfStalled,
  playsBroker: false,
  async run(bench) {
    const shape = halfStalled;
    const load = await bench.open();
    const stage = { bench, load, shape, maxOutstanding: 64 };
    await warmUp(stage);
    const { row, server, durations } = bench;
    const before = await settledKib(server.pid, row.collects, durations.memoryReadings);
    await load.stall();
    await fillSockets(bench, load, shape);
    const measured = await atRate(stage, 200);
    const after = await settledKib(server.pid, row.collects, durations.memoryReadings);
    const growthMib = (after - before) / 1024;
    return [{ ...withDrops(measured, await bench.dropped()), growthMib }];
  },
};

/** Messages that only the stalled clients have asked for, until nothing more fits on the way to them. */
async function fillSockets(bench: Bench, load: Load, shape: Shape): Promise<void> {
  const job = { kind: 'fill', device: fillerDevice(shape), ...fill } as const;
  await bench.whileAlive(load.run({ job, sampleEvery: 1, patienceMs }));
  // Comes behind the filling, so that is over when this has arrived.
  await bench.whileAlive(load.seal(patienceMs));
}

function withDrops(measurement: Unnamed, dropped: number | undefined): Unnamed {
  if (dropped === undefined || Number.isNaN(dropped)) return measurement;
  const notes: (string | undefined)[] = [measurement.note, `${dropped} dropped for the stalled`];
  const note: Measurement['note'] = notes.filter((each) => each !== undefined).join('; ');
  return { ...measurement, note };
}
