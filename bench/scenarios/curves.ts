import type { Shape } from '../load/shape.ts';
import type { Bench } from './bench.ts';
import { saturate, warmUp } from './phases.ts';
import type { Scenario, Unnamed } from './scenario.ts';

const patienceMs = 120_000;

/** A point is a server of its own, so that no point inherits the heap of the one before. */
function point(name: string, at: number, shape: Shape, about: string): Scenario {
  return {
    name,
    about,
    at,
    compared: ['sluice'],
    quickSeconds: 5,
    shape,
    playsBroker: true,
    async run(bench: Bench): Promise<Unnamed[]> {
      const load = await bench.open();
      const stage = { bench, load, shape, maxOutstanding: outstanding(shape) };
      if ((shape.unwatchedDevices ?? 0) > 0) {
        const job = {
          kind: 'flood',
          from: shape.devices + 1,
          devices: shape.devices + 1 + (shape.unwatchedDevices ?? 0),
        } as const;
        await bench.whileAlive(load.run({ job, sampleEvery: 1, patienceMs }));
        // Comes behind the flood: when it has arrived, the server knows all devices.
        await bench.whileAlive(load.seal(patienceMs));
      }
      await warmUp(stage);
      return [{ ...(await saturate(stage)), at, load: at.toLocaleString('en') }];
    },
  };
}

/** As many messages are under way for each client as it may have waiting, so that joining is alike at each point. */
function outstanding(shape: Shape): number {
  const perMessage = (shape.connections * shape.devicesEach) / shape.devices;
  return Math.max(16, Math.min(shape.devices * 128, Math.round(1_280_000 / perMessage)));
}

const one: Shape = { devices: 1, connections: 1, devicesEach: 1, payloadBytes: 200 };

export const curves: readonly Scenario[] = [
  ...[1, 10, 100, 1000, 10_000].map((connections) =>
    point('C-subscribers', connections, { ...one, connections }, 'subscribers of one device'),
  ),
  ...[100, 1000, 10_000, 100_000, 1_000_000].map((known) =>
    point(
      'C-devices',
      known,
      { ...one, devices: 100, connections: 100, unwatchedDevices: known - 100 },
      'devices known, 100 of them watched',
    ),
  ),
  ...[1, 3, 10, 30, 100].map((selections) =>
    point(
      'C-selections',
      selections,
      { ...one, connections: 1000, selections },
      'selections in use by 1,000 subscribers of one device',
    ),
  ),
];
