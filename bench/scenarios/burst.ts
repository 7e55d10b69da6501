import { oneDevice, oneDeviceOutstanding } from './fan-out.ts';
import { bursts, warmUp } from './phases.ts';
import type { Scenario } from './scenario.ts';

const burstSize = 50;

export const s5: Scenario = {
  name: 'S5',
  about: `bursts of ${burstSize} messages, 1,000 subscribers`,
  compared: ['sluice', 'ws-joined'],
  quickSeconds: 4,
  shape: oneDevice,
  playsBroker: false,
  async run(bench) {
    const load = await bench.open();
    const stage = { bench, load, shape: oneDevice, maxOutstanding: oneDeviceOutstanding };
    await warmUp(stage);
    const times = await bursts(stage, bench.durations.bursts, burstSize);
    times.sort((a, b) => a - b);
    const burstMs = times[Math.floor(times.length / 2)] ?? Number.NaN;
    const slowest = times.at(-1)?.toFixed(0) ?? '';
    return [
      { load: `${times.length} bursts`, burstMs, lost: 0, note: `slowest burst ${slowest} ms` },
    ];
  },
};
