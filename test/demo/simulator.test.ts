import mqtt from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { createEmbeddedBroker } from '../../src/demo/embedded-broker.ts';
import { createRound, createSimulator } from '../../src/demo/simulator.ts';
import { silentLogger } from '../../src/observe/logger.ts';

const clean: Array<() => Promise<unknown>> = [];
afterEach(async () => {
  for (const end of clean.splice(0).toReversed()) await end();
});

describe('createRound', () => {
  it('gives each device one turn in an interval, at even distances', () => {
    const round = createRound({ devices: 4, intervalMs: 1_000, startedAt: 0 });
    const turns = [250, 500, 750, 1_000, 1_250].map((time) => round.due(time));
    expect(turns).toEqual([[0], [1], [2], [3], [0]]);
  });

  it('gives the turns that came in between together', () => {
    const round = createRound({ devices: 100, intervalMs: 1_000, startedAt: 0 });
    expect(round.due(30)).toEqual([0, 1, 2]);
    expect(round.due(30)).toEqual([]);
    expect(round.due(59)).toEqual([3, 4]);
  });

  it('goes on after the clock was set, without catching up', () => {
    const round = createRound({ devices: 2, intervalMs: 1_000, startedAt: 0 });
    expect(round.due(1_000)).toEqual([0, 1]);
    expect(round.due(3_600_000)).toHaveLength(1);
    expect(round.due(3_601_000)).toHaveLength(2);
    expect(round.due(-3_600_000)).toHaveLength(1);
    expect(round.due(-3_599_000)).toHaveLength(2);
  });
});

async function startBroker() {
  const broker = await createEmbeddedBroker({ port: 0, logger: silentLogger });
  clean.push(() => broker.close());
  return broker;
}

function start(options: Partial<Parameters<typeof createSimulator>[0]> & { url: string }) {
  const simulator = createSimulator({
    devices: 3,
    intervalMs: 30,
    logger: silentLogger,
    ...options,
  });
  clean.push(() => simulator.close());
  return simulator;
}

describe('createSimulator', () => {
  it('publishes the readings of every device on its topic', async () => {
    const broker = await startBroker();
    const client = await mqtt.connectAsync(broker.url);
    clean.push(() => client.endAsync(true));
    await client.subscribeAsync('devices/+/messages');
    const seen = new Map<string, unknown>();
    const everyDevice = new Promise<void>((resolve) => {
      client.on('message', (topic, payload) => {
        seen.set(topic, JSON.parse(String(payload)));
        if (seen.size === 3) resolve();
      });
    });
    const simulator = start({ url: broker.url });
    expect(simulator.deviceIds).toEqual(['tracker-001', 'tracker-002', 'tracker-003']);
    await everyDevice;
    for (const id of simulator.deviceIds) {
      expect(seen.get(`devices/${id}/messages`)).toEqual({
        device_id: id,
        lat: expect.any(Number),
        lon: expect.any(Number),
        speed: expect.any(Number),
        heading: expect.any(Number),
        temperature: expect.any(Number),
        battery: expect.any(Number),
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      });
    }
  });

  it('closes while its broker is away', async () => {
    const broker = await startBroker();
    await broker.close();
    const simulator = start({ url: broker.url });
    await expect(simulator.close()).resolves.toBeUndefined();
    await expect(simulator.close()).resolves.toBeUndefined();
  });

  it('has nothing to do without devices', async () => {
    const broker = await startBroker();
    expect(start({ url: broker.url, devices: 0 }).deviceIds).toEqual([]);
  });
});
