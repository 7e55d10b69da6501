import { settledKib } from '../measure/memory.ts';
import type { Scenario } from './scenario.ts';

const shape = { devices: 1, connections: 5000, devicesEach: 1, payloadBytes: 200 };
const firstClients = 200;

export const s4: Scenario = {
  name: 'S4',
  about: '5,000 idle subscribed connections',
  compared: ['sluice', 'ws-each'],
  quickSeconds: 6,
  shape,
  playsBroker: false,
  async run(bench) {
    const { memoryReadings } = bench.durations;
    const { row, server } = bench;
    // The first clients pay for what the server loads and compiles only once.
    const first = await bench.openOther({ ...shape, connections: firstClients });
    await first[Symbol.asyncDispose]();
    const before = await settledKib(server.pid, row.collects, memoryReadings);
    await bench.open();
    const after = await settledKib(server.pid, row.collects, memoryReadings);
    return [{ load: 'idle', kibPerConnection: (after - before) / shape.connections }];
  },
};
