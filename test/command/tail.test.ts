import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand, startCommand } from '../support/command.ts';
import { connectDevice, type Device } from '../support/device.ts';
import { freePort } from '../support/free-port.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { startPlayedGateway } from '../support/played-gateway.ts';
import { until } from '../support/until.ts';

let gateway: TestGateway;
let device: Device;

beforeEach(async () => {
  gateway = await startTestGateway();
  device = await connectDevice(gateway.mqttUrl);
});
afterEach(async () => {
  await device[Symbol.asyncDispose]();
  await gateway.close();
});

const publish = (id: string, payload: string): Promise<void> =>
  device.publish(`devices/${id}/messages`, payload);
const tail = (...args: string[]): string[] => ['tail', '--url', gateway.url, ...args];
const subscribed = (count = 1): Promise<void> =>
  gateway.until(({ activeSubscribers }) => activeSubscribers === count);

/** The gateway knows them when it resolves. */
async function heard(...ids: readonly string[]): Promise<void> {
  const { totalMessagesProcessed: before } = gateway.stats();
  for (const id of ids) await publish(id, '"before"');
  await gateway.until((stats) => stats.totalMessagesProcessed === before + ids.length);
}

interface Line {
  readonly deviceId: string;
  readonly payload: unknown;
  readonly position: string;
  readonly gap: { readonly missed: number | null; readonly reason: string } | null;
}
const linesOf = (stdout: string): Line[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line): Line => JSON.parse(line));

describe('sluice tail in a pipe', { timeout: 60_000 }, () => {
  it('prints one JSON object a line, and ends after so many', async () => {
    await heard('a', 'b', 'c');
    await using command = startCommand(
      tail('--device-ids', 'a,b', '--device-ids', 'c', '--count', '3'),
    );
    await subscribed();
    await publish('a', '{"n":1}');
    await publish('x', '0');
    await publish('b', '"two\\u0085\\u001b[2J"');
    await publish('c', '[3,4]');
    const { code, stdout, stderr } = await command.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = linesOf(stdout);
    expect(lines).toMatchObject([
      { deviceId: 'a', topic: 'devices/a/messages', payload: { n: 1 }, gap: null },
      { deviceId: 'b', payload: 'two\u0085\u001b[2J' },
      { deviceId: 'c', payload: [3, 4] },
    ]);
    expect(Object.keys(lines[0]!)).toEqual([
      'deviceId',
      'topic',
      'payload',
      'receivedAt',
      'retained',
      'position',
      'gap',
    ]);
    // Nothing in it steers a terminal that it may end on.
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('begins with kept messages, and goes on behind a position', async () => {
    for (const n of [1, 2, 3, 4]) await publish('a', String(n));
    const first = await runCommand(tail('--device-ids', 'a', '--replay', '3', '--count', '2'));
    expect(linesOf(first.stdout).map(({ payload }) => payload)).toEqual([2, 3]);
    const { position } = linesOf(first.stdout)[1]!;
    for (const since of [position, `a=${position}`]) {
      const next = await runCommand(
        tail('--device-ids', 'a', '--since-position', since, '--count', '1'),
      );
      expect(linesOf(next.stdout)).toMatchObject([{ payload: 4, gap: null }]);
    }
  });

  it('ends with 130 on SIGINT and says how to go on from there, which holds', async () => {
    await publish("it's", '1');
    await using command = startCommand(tail('--device-ids', "it's,b", '--replay', '1'));
    await command.printed('stdout', '\n');
    command.child.kill('SIGINT');
    const { code, stderr } = await command.ended;
    expect(code).toBe(130);
    const position = /--since-position (\S+)/.exec(stderr)?.[1];
    expect(stderr).toContain(
      String.raw`To go on from here: sluice tail --device-ids 'it'\''s,b' --since-position 'it'\''s=`,
    );
    await publish("it's", '2');
    const since = position!.slice(1, -1).replace(String.raw`'\''`, "'");
    const next = await runCommand(
      tail('--device-ids', "it's,b", '--since-position', since, '--count', '1'),
    );
    expect(linesOf(next.stdout)).toMatchObject([{ payload: 2, gap: null }]);
  });

  it('ends with 143 on SIGTERM, also before there is a message', async () => {
    await heard('a');
    await using command = startCommand(tail('--device-ids', 'a'));
    await subscribed();
    command.child.kill('SIGTERM');
    expect(await command.ended).toEqual({ code: 143, signal: null, stdout: '', stderr: '' });
    await subscribed(0);
  });

  it('ends quietly with 0 when nobody reads any more, as with head', async () => {
    await heard('a');
    await using command = startCommand(tail('--device-ids', 'a'));
    await subscribed();
    await publish('a', '1');
    await command.printed('stdout', '\n');
    command.child.stdout.destroy();
    // The first one after that finds nobody; of a pipe that is when it is written.
    await publish('a', '2');
    const { code, stderr } = await command.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('tells what it missed when its reader is slow: every message is printed or in a gap', async () => {
    await using command = startCommand(tail('--device-ids', 'a'));
    await subscribed();
    command.child.stdout.pause();
    // More than a pipe, the client and the history hold.
    const filling = 'x'.repeat(1_000);
    let published = 0;
    for (; published < 3_000; published += 1) await publish('a', JSON.stringify({ filling }));
    command.child.stdout.resume();
    // A gap is told with the next message that finds room.
    await until('one gets through again', async () => {
      await publish('a', '"probe"');
      published += 1;
      return command.output.stdout.includes('"probe"');
    });
    await publish('a', '"last"');
    published += 1;
    await command.printed('stdout', '"last"');
    command.child.kill('SIGTERM');
    const { stdout } = await command.ended;
    const accounted = linesOf(stdout).reduce((sum, { gap }) => sum + 1 + (gap?.missed ?? 0), 0);
    expect(accounted).toBe(published);
  });

  it('goes on after a crash of the gateway, and prints that it cannot know what was missed', async () => {
    await using broker = await startMosquitto();
    await using crashing = await startGatewayProcess({ SLUICE_MQTT_URL: broker.url });
    await using sender = await connectDevice(broker.url);
    await sender.publish('devices/a/messages', '1');
    await using command = startCommand([
      'tail',
      '--device-ids',
      'a',
      '--url',
      crashing.url,
      '--replay',
      '1',
    ]);
    await command.printed('stdout', '"payload":1');
    await crashing.kill();
    await command.printed('stderr', /waiting for http:\S+ \(.+\), next try in \d+ s\n/);
    await crashing.start();
    await command.printed('stderr', 'connected to ');
    await sender.publish('devices/a/messages', '2');
    const stdout = await command.printed('stdout', '"payload":2');
    expect(linesOf(stdout).at(-1)).toMatchObject({
      payload: 2,
      gap: { missed: null, reason: 'STREAM_RESET' },
    });
  });

  it.each([
    ['no device', [], '--device-ids is missing'],
    ['an empty device', ['--device-ids', 'a,,b'], '--device-ids is "a,,b"'],
    [
      'a position of another device',
      ['--device-ids', 'a', '--since-position', 'b=x-1'],
      'one of the devices of --device-ids',
    ],
    [
      'a position of no device',
      ['--device-ids', 'a,b', '--since-position', 'x-1'],
      'it takes device=position',
    ],
    [
      'a count of 0',
      ['--device-ids', 'a', '--count', '0'],
      '--count is 0: it takes a whole number from 1',
    ],
    [
      'a transport that is none',
      ['--device-ids', 'a', '--transport', 'tcp'],
      'it takes one of ws, sse, auto',
    ],
    [
      'an address that is none',
      ['--device-ids', 'a', '--url', 'localhost:4000'],
      '--url is "localhost:4000"',
    ],
  ])('ends with 2 for %s', async (_what, args, message) => {
    const { code, stdout, stderr } = await runCommand(['tail', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('gives up after --timeout-s without a gateway, and says what to do', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, stderr } = await runCommand([
      'tail',
      '--device-ids',
      'a',
      '--url',
      url,
      '--timeout-s',
      '1',
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/waiting for http:\S+ \(.+\), next try in \d+ s\n/);
    expect(stderr).toContain(`No connection to ${url}/graphql in 1 s (`);
    expect(stderr).toContain('start the gateway with "sluice serve", name another with --url');
  });

  it('says once which devices the gateway has never heard, and waits for them', async () => {
    await heard('a');
    const unheard = Array.from({ length: 12 }, (_, n) => `new\u202e-${n}`);
    await using command = startCommand(
      tail('--device-ids', ['a', ...unheard].join(','), '--count', '1'),
    );
    await command.printed('stderr', '\n');
    await subscribed();
    await publish(unheard[0]!, '1');
    const { code, stdout, stderr } = await command.ended;
    expect(code).toBe(0);
    expect(linesOf(stdout)).toMatchObject([{ deviceId: unheard[0], payload: 1 }]);
    const named = Array.from({ length: 10 }, (_, n) => String.raw`new\u202e-${n}`).join(', ');
    expect(stderr).toBe(
      `The gateway has never heard ${named} and 2 more: waiting for a first message. Is the id right?\n`,
    );
  });

  it('ends with 3 when nothing came for --idle-timeout-s, and says how to go on', async () => {
    await heard('a');
    const { code, stdout, stderr } = await runCommand(
      tail('--device-ids', 'a', '--replay', '1', '--idle-timeout-s', '1'),
    );
    expect(code).toBe(3);
    expect(linesOf(stdout)).toMatchObject([{ payload: 'before' }]);
    expect(stderr).toMatch(
      /^To go on from here: sluice tail --device-ids a --since-position a=\S+\nNo message came in 1 s \(--idle-timeout-s\)\.\n$/,
    );
  });

  it('bounds the wait for a gateway that is away by --idle-timeout-s too', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const args = ['tail', '--device-ids', 'a', '--url', url, '--idle-timeout-s', '1'];
    const { code, stderr } = await runCommand(args);
    expect(code).toBe(3);
    expect(stderr).toContain(`waiting for ${url}/graphql (`);
    expect(stderr).toContain('No message came in 1 s (--idle-timeout-s).');
  });

  it('gives up after --timeout-s when there is a gateway that fails', async () => {
    const error = { message: 'Unexpected.', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
    await using failing = await startPlayedGateway({
      operate: () => [{ type: 'error', payload: [error] }],
    });
    const { code, stderr } = await runCommand([
      'tail',
      '--device-ids',
      'a',
      '--url',
      failing.url,
      '--timeout-s',
      '1',
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain(`waiting for ${failing.url} (Unexpected.)\n`);
    expect(stderr).toContain(
      `${failing.url} has failed for 1 s (Unexpected.): see the log of the gateway, or wait longer with --timeout-s.`,
    );
  });

  it('ends with 1 and the words of the gateway when it refuses', async () => {
    const ids = Array.from({ length: 1_001 }, (_, n) => `d${n}`).join(',');
    const { code, stderr } = await runCommand(tail('--device-ids', ids));
    expect(code).toBe(1);
    expect(stderr).toContain(`${gateway.url}/graphql: `);
    expect(stderr).toContain('1000');
  });
});

describe('sluice tail on a terminal', { timeout: 60_000 }, () => {
  it('prints a line a message, with colours, cut to the width, and the counters below', async () => {
    await using command = startCommand(tail('--device-ids', 'a,bus-7'), {
      onTerminal: true,
      input: null,
    });
    await command.printed(
      'stdout',
      /\r␛\[2K␛\[7mlive \(ws.*2 devices · 0 messages · 0\.0\/s · 0 gaps/,
    );
    await publish('a', JSON.stringify({ text: 'x'.repeat(200) }));
    await publish('bus-7', '{"speed": 3}');
    await command.printed('stdout', '2 messages');
    command.child.stdin.write('\u0003');
    const { code, stdout } = await command.ended;
    expect(code).toBe(130);
    // Device, then what is left of 100 columns.
    const cut = `{"text":"${'x'.repeat(100 - 12 - 5 - 4 - 9 - 1)}…`;
    expect(stdout).toMatch(/␛\[2m\d\d:\d\d:\d\d\.\d{3}␛\[22m {2}␛\[36ma {4}␛\[39m {2}/);
    expect(stdout).toContain(`  ${cut}\r\n`);
    expect(stdout).toContain('␛[32mbus-7␛[39m  {"speed":3}\r\n');
    expect(stdout).toContain('To go on from here: sluice tail --device-ids a,bus-7');
  });

  it('shows what devices send, and lets none of it steer the terminal', async () => {
    const id = 'a\u202e';
    await using command = startCommand(tail('--device-ids', id, '--count', '1'), {
      onTerminal: true,
      input: null,
    });
    await command.printed('stdout', 'live (ws');
    await publish(id, '{"\u009b2J":"\\u001b]0;owned\\u0007\u202e"}');
    const { stdout } = await command.ended;
    expect(stdout).toContain(String.raw`{"\u009b2J":"\u001b]0;owned\u0007\u202e"}`);
    expect(stdout).toContain(String.raw`a\u202e`);
    for (const order of ['\u009b', '\u0007', '\u202e', '␛]']) expect(stdout).not.toContain(order);
  });

  it('prints gaps as lines, and no colour when NO_COLOR is set', async () => {
    await publish('a', '1');
    await using command = startCommand(
      tail('--device-ids', 'a', '--since-position', 'old-1', '--count', '1'),
      {
        onTerminal: true,
        input: null,
        env: { NO_COLOR: '1' },
      },
    );
    const { code, stdout } = await command.ended;
    expect(code).toBe(0);
    expect(stdout).toContain(
      '── gap: an unknown number of messages of a missed, STREAM_RESET: the gateway was restarted ──\r\n',
    );
    expect(stdout).not.toMatch(/␛\[\d*m/);
  });

  it('prints JSON with --json', async () => {
    await publish('a', '1');
    const { stdout } = await runCommand(
      tail('--device-ids', 'a', '--replay', '1', '--count', '1', '--json'),
      {
        onTerminal: true,
        input: null,
      },
    );
    expect(stdout).toContain('{"deviceId":"a","topic":"devices/a/messages","payload":1,');
  });
});
