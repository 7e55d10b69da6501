import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { statsTable } from '../../src/command/stats-table.ts';
import { runCommand, startCommand } from '../support/command.ts';
import { connectDevice } from '../support/device.ts';
import { freePort } from '../support/free-port.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway();
});
afterEach(() => gateway.close());

async function publish(...payloads: string[]): Promise<void> {
  await using device = await connectDevice(gateway.mqttUrl);
  for (const payload of payloads) await device.publish('devices/a/messages', payload);
}

describe('sluice stats', { timeout: 60_000 }, () => {
  it('prints the counters as one JSON object in a pipe', async () => {
    await publish('1', '2', 'no');
    const { code, stdout, stderr } = await runCommand(['stats'], {
      env: { SLUICE_URL: gateway.url },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      ...gateway.stats(),
      process: expect.any(Object),
      uptimeSeconds: expect.any(Number),
      connections: expect.any(Number),
      connectionsByTransport: expect.any(Array),
    });
    expect(JSON.parse(stdout)).toMatchObject({ totalMessagesProcessed: 2, messagesRejected: 1 });
    expect(stdout.indexOf('\n')).toBe(stdout.length - 1);
  });

  it('refuses a token that no header can hold, and does not print it', async () => {
    const { code, stderr } = await runCommand(['stats'], {
      env: { SLUICE_URL: gateway.url, SLUICE_TOKEN: 'hunter2\nsecond line' },
    });
    expect(code).toBe(2);
    expect(stderr).toContain('SLUICE_TOKEN is hidden: it takes a token without line breaks');
    expect(stderr).not.toContain('hunter2');
  });

  it('prints a table on a terminal, with what was rejected by reason', async () => {
    await publish('1', 'no');
    const { code, stdout } = await runCommand(['stats', '--url', gateway.url], {
      onTerminal: true,
      input: null,
    });
    expect(code).toBe(0);
    expect(stdout).toContain(`Sluice 0.1.0 at ${gateway.url}/graphql`);
    expect(stdout).toMatch(/^messages accepted +1\r$/m);
    expect(stdout).toMatch(/^messages rejected +1\r\n {2}NOT_JSON +1\r$/m);
    expect(stdout).toContain('MQTT broker connected');
  });

  it('prints one JSON object a line with --watch, until a signal', async () => {
    const args = ['stats', '--watch', '--interval-ms', '100', '--url', gateway.url];
    await using command = startCommand(args);
    await command.printed('stdout', '"totalMessagesProcessed":0');
    await publish('1');
    await command.printed('stdout', '"totalMessagesProcessed":1');
    command.child.kill('SIGINT');
    const { code, stdout, stderr } = await command.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    for (const line of stdout.trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
  });

  it('draws a table in place with --watch on a terminal, with rates beside the totals', async () => {
    const args = ['stats', '--watch', '--interval-ms', '100', '--url', gateway.url];
    await using command = startCommand(args, { onTerminal: true, input: null });
    await command.printed('stdout', /messages accepted +0\r\n/);
    await publish('1', '2');
    await command.printed('stdout', /␛\[\d+A\r␛\[J[^]*accepted +2 +[1-9]\d*\.\d\r\n/);
    command.child.stdin.write('\u0003');
    expect(await command.ended).toMatchObject({ code: 130 });
  });

  it('says what to do when there is no gateway, and ends with 1', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, stdout, stderr } = await runCommand(['stats', '--url', url, '--timeout-s', '1']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(url);
    expect(stderr).toMatch(/refused/i);
    expect(stderr).toContain('sluice serve');
  });
});

describe('statsTable', () => {
  it('has no rates over a restart of the gateway', () => {
    const before = { ...gateway.stats(), uptimeSeconds: 100 } as Parameters<typeof statsTable>[0];
    const table = (uptimeSeconds: number): string =>
      statsTable({ ...before, uptimeSeconds, totalMessagesProcessed: 50 }, before, 'x').join('\n');
    expect(table(102)).toMatch(/^messages accepted +50 +25\.0$/m);
    expect(table(3)).toMatch(/^messages accepted +50$/m);
  });

  it('lets no text of the gateway steer the terminal', () => {
    const stats = { ...gateway.stats(), version: '\u001b[2J' } as Parameters<typeof statsTable>[0];
    expect(statsTable(stats, undefined, 'x')[0]).toBe(String.raw`Sluice \u001b[2J at x`);
  });
});
