import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createSluiceClient } from '../../client/index.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway } from '../support/gateway.ts';

const program = fileURLToPath(new URL('../support/exiting-client.ts', import.meta.url));

describe.each(['ws', 'sse'] as const)('a program with a client over %s', (transport) => {
  it.each(['close', 'return'])('ends by itself after %s', async (how) => {
    await using gateway = await startTestGateway();
    await using device = await connectDevice(gateway.mqttUrl);
    await device.publish('devices/a/messages', '42');
    await gateway.until((stats) => stats.totalMessagesProcessed === 1);
    const { stdout } = await promisify(execFile)(process.execPath, [
      program,
      `${gateway.url}/graphql`,
      transport,
      how,
    ]);
    expect(stdout).toBe('42');
    await gateway.until((stats) => stats.connections === 0);
  });

  it('leaves no timer and no socket behind', async () => {
    await using gateway = await startTestGateway();
    const held = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind === 'Immediate')
        .length;
    const before = held();
    for (let i = 0; i < 20; i += 1) {
      const client = createSluiceClient({ url: `${gateway.url}/graphql`, transport });
      const streams = ['a', 'b', 'c'].map((deviceId) =>
        client.deviceMessages({ deviceIds: [deviceId] }),
      );
      const pending = streams.map((stream) => stream.next());
      if (i % 2 === 0) await gateway.until((stats) => stats.activeSubscribers === 3);
      await client.close();
      await Promise.all(pending);
      await gateway.until((stats) => stats.activeSubscribers === 0);
    }
    await gateway.until((stats) => stats.connections === 0);
    expect(held()).toBeLessThanOrEqual(before);
  });
});
