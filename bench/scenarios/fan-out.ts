import type { Shape } from '../load/shape.ts';
import { atRate, saturate, warmUp } from './phases.ts';
import type { Scenario } from './scenario.ts';

export const oneDevice: Shape = {
  devices: 1,
  connections: 1000,
  devicesEach: 1,
  payloadBytes: 200,
};
/** About 55 KiB of frames for a client: less than the kernel takes for a client that reads. */
export const oneDeviceOutstanding = 128;
const manyDevicesOutstanding = 4096;

export const s1: Scenario = {
  name: 'S1',
  about: 'one device, 1,000 subscribers, 200 bytes',
  compared: ['sluice', 'sluice-sse', 'sluice-plain', 'ws-joined', 'ws-each', 'stock', 'mosquitto'],
  quickSeconds: 5,
  shape: oneDevice,
  playsBroker: false,
  async run(bench) {
    const load = await bench.open();
    const stage = { bench, load, shape: oneDevice, maxOutstanding: oneDeviceOutstanding };
    await warmUp(stage);
    return [await atRate(stage, 100), await saturate(stage)];
  },
};

function manyDevices(name: string, about: string, devicesEach: number): Omit<Scenario, 'compared'> {
  const shape = { devices: 1000, connections: 1000, devicesEach, payloadBytes: 200 };
  return {
    name,
    about,
    shape,
    playsBroker: true,
    quickSeconds: 4,
    async run(bench) {
      const load = await bench.open();
      const stage = { bench, load, shape, maxOutstanding: manyDevicesOutstanding };
      await warmUp(stage);
      return [await saturate(stage)];
    },
  };
}

export const s2: Scenario = {
  ...manyDevices('S2', '1,000 devices, 1,000 clients with 10 devices each', 10),
  compared: ['sluice', 'ws-joined', 'stock'],
};

export const s3: Scenario = {
  ...manyDevices('S3', '1,000 devices, one client each', 1),
  compared: ['sluice', 'ws-each', 'stock'],
};
