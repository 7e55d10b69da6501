import { atRate, warmUp } from './phases.ts';
import type { Scenario } from './scenario.ts';

const shape = { devices: 1, connections: 100, devicesEach: 1, payloadBytes: 200 };

export const s6: Scenario = {
  name: 'S6',
  about: 'one device at 1,000 messages/s, 100 subscribers',
  compared: ['sluice', 'ws-each'],
  quickSeconds: 4,
  shape,
  playsBroker: false,
  async run(bench) {
    const load = await bench.open();
    const stage = { bench, load, shape, maxOutstanding: 512 };
    await warmUp(stage);
    return [await atRate(stage, 1000)];
  },
};
