import { open } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInto, runUnread } from '../support/command.ts';
import { connectDevice } from '../support/device.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

const commands = ['serve', 'tail', 'stats', 'publish', 'simulate', 'schema'];

describe('a command whose output nobody reads', { timeout: 60_000 }, () => {
  it.each([
    '--help',
    '--version',
    'help tail',
    ...commands.map((command) => `${command} --help`),
    'schema',
  ])('ends quietly with 0: sluice %s', async (words) => {
    expect(await runUnread(words.split(' '))).toEqual({ code: 0, stderr: '' });
  });

  it.each(['nope', 'tail', 'serve --port x', 'serve --nope'])(
    'ends with 2 for wrong use that nobody reads of either: sluice %s',
    async (words) => {
      expect(await runUnread(words.split(' '), { alsoErrors: true })).toMatchObject({ code: 2 });
    },
  );

  describe('with a gateway', () => {
    let gateway: TestGateway;
    beforeAll(async () => {
      gateway = await startTestGateway();
      await using device = await connectDevice(gateway.mqttUrl);
      await device.publish('devices/a/messages', '1');
      await gateway.until((stats) => stats.totalMessagesProcessed === 1);
    });
    afterAll(() => gateway.close());

    it.each(['stats', 'stats --watch --interval-ms 100', 'tail --device-ids a --replay 1'])(
      'ends quietly with 0: sluice %s',
      async (words) => {
        expect(await runUnread([...words.split(' '), '--url', gateway.url])).toEqual({
          code: 0,
          stderr: '',
        });
      },
    );
  });
});

it('a help that cannot be written for another reason is told', async () => {
  const full = await open('/dev/full', 'w');
  try {
    const { code, stderr } = await runInto(full.fd, ['--help']);
    expect(code).toBe(1);
    expect(stderr).toContain('Cannot write to the standard output: ENOSPC');
  } finally {
    await full.close();
  }
});
