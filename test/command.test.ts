import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { flagOf, notesOf } from '../src/config/option.ts';
import { definitions, settingNames, variableOf } from '../src/config/setting.ts';
import { unsupportedNode } from '../src/node-version.ts';
import manifest from '../package.json' with { type: 'json' };
import { startCommand } from './support/command.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const clean: Array<() => unknown> = [];
afterEach(async () => {
  for (const end of clean.splice(0).toReversed()) await end();
});

type Environment = Record<string, string>;

/** Without the SLUICE_ variables of whoever runs the tests. */
function environment(variables: Environment): Environment {
  return { PATH: process.env['PATH'] ?? '', ...variables };
}

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], variables: Environment = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [main, ...args],
      { env: environment(variables) },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

interface Running {
  /** Waits until that stands in what was printed, and answers it all. */
  printed(stream: 'stdout' | 'stderr', text: string): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Outcome>;
}

/** `sluice serve` on free ports. */
function serve(variables: Environment = {}): Running {
  const child = spawn(process.execPath, [main, 'serve'], {
    env: environment({ SLUICE_PORT: '0', SLUICE_EMBEDDED_MQTT_PORT: '0', ...variables }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  clean.push(() => child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
    });
  }
  return {
    kill: (signal) => child.kill(signal),
    ended: once(child, 'close').then(() => ({ code: child.exitCode, ...output })),
    async printed(stream, text) {
      while (!output[stream].includes(text)) {
        if (child.exitCode !== null) throw new Error(`ended before "${text}": ${output.stderr}`);
        await Promise.race([once(child[stream], 'data'), once(child, 'close')]);
      }
      return output[stream];
    },
  };
}

const commands = ['serve', 'tail', 'stats', 'publish', 'simulate', 'schema'] as const;

describe('sluice', { timeout: 30_000 }, () => {
  it('prints the version of the package', async () => {
    const { code, stdout } = await run(['--version']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${manifest.version}\n` });
  });

  it('lists its commands in the help', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
  });

  it.each(commands)(
    'says in the help of %s what it does, its defaults, and two examples',
    async (command) => {
      const { code, stdout } = await run([command, '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^Usage: sluice ${command} .*\n\n[A-Z]`));
      expect(stdout).toMatch(/default:\s/);
      const [, examples = ''] = stdout.split('\nExamples:\n');
      expect(examples.trim().split('\n')).toHaveLength(2);
      for (const example of examples.trim().split('\n'))
        expect(example).toContain(`sluice ${command}`);
    },
  );

  it('prints its help and ends with 2 when no command is named', async () => {
    const { code, stdout, stderr } = await run([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: sluice');
  });

  it.each([
    [
      'a command',
      ['sreve'],
      'unknown command \'sreve\'\n(Did you mean serve?)\nRun "sluice --help"',
    ],
    ['an option', ['--vresion'], "unknown option '--vresion'\n(Did you mean --version?)"],
    [
      'a setting',
      ['serve', '--prot', '1'],
      'unknown option \'--prot\'\n(Did you mean --port?)\nRun "sluice serve --help"',
    ],
  ])('ends with 2 and a hint for %s that it does not know', async (_what, args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('unsupportedNode', () => {
  it.each(['18.20.4', '20.20.2', '22.20.0', '23.11.0', '24.8.0', '25.2.0'])(
    'says what to do on Node.js %s',
    (version) => {
      const complaint = unsupportedNode(version);
      expect(complaint).toContain(`this is v${version}`);
      expect(complaint).toContain('npm install');
      expect(complaint).not.toContain('\n');
    },
  );

  it.each(['22.21.0', '24.9.0', '26.1.0'])('says nothing on Node.js %s', (version) => {
    expect(unsupportedNode(version)).toBeUndefined();
  });
});

// A child takes a second to start, and longer beside other tests.
describe('sluice serve', { timeout: 30_000 }, () => {
  it('lists every setting in its help, with variable and default', async () => {
    const { code, stdout } = await run(['serve', '--help']);
    expect(code).toBe(0);
    const help = stdout.replaceAll(/\s+/g, ' ');
    for (const name of settingNames) {
      expect(help).toContain(` ${flagOf(name)} <`);
      expect(help).toContain(` ${notesOf(definitions[name], variableOf(name))} `);
    }
  });

  it('names every wrong setting at once and exits with 2', async () => {
    const { code, stdout, stderr } = await run(['serve', '--overflow', 'x'], {
      SLUICE_PORT: 'x',
      SLUICE_QUEUE_SIZE: '-1',
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(
      [
        '3 settings are wrong:',
        '  SLUICE_PORT is "x": it takes a whole number from 0 to 65535',
        '  SLUICE_QUEUE_SIZE is -1: it takes a whole number from 1 to 1000000',
        '  --overflow is "x": it takes one of drop-newest, drop-oldest, latest, disconnect',
        '',
      ].join('\n'),
    );
  });

  it('mentions variables that it does not know when something else is wrong', async () => {
    const { stderr } = await run(['serve'], { SLUICE_PORT: 'x', SLUICE_QUEUESIZE: '5' });
    expect(stderr).toContain('SLUICE_QUEUESIZE is no setting and has no effect');
    expect(stderr).toContain('did you mean SLUICE_QUEUE_SIZE?');
  });

  it('prints where to look, warns of unknown variables, and exits with 0 on SIGTERM', async () => {
    const gateway = serve({ SLUICE_LOG_FORMAT: 'pretty', SLUICE_QUEUESIZE: '5' });
    const printed = await gateway.printed('stdout', 'MQTT');
    expect(printed).toMatch(/GraphiQL +http:\/\/127\.0\.0\.1:\d+\/graphql\n/);
    expect(printed).toContain('subscription { deviceMessages(deviceIds: ["tracker-001"])');
    expect(printed).toMatch(/curl -N 'http:\S+\/api\/v1\/stream\?device_ids=tracker-001'/);
    expect(printed).toMatch(/http:\S+\/api\/v1\/stream\/stats\n/);
    expect(printed).toMatch(/mqtt:\/\/127\.0\.0\.1:\d+ on devices\/\{deviceId\}\/messages/);
    gateway.kill('SIGTERM');
    const { code, stderr } = await gateway.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('SLUICE_QUEUESIZE is no setting');
  });

  it('prints log lines only when it logs as JSON and nobody sits there', async () => {
    const gateway = serve({ SLUICE_LOG_FORMAT: 'json' });
    await gateway.printed('stderr', '"msg":"ready"');
    gateway.kill('SIGINT');
    const { code, stdout, stderr } = await gateway.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    for (const line of stderr.trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
  });

  it('says which setting to change when its port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    clean.push(() => server.close());
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { code, stdout, stderr } = await serve({ SLUICE_PORT: port }).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(
      `Port ${port} on 127.0.0.1 is in use: choose another with SLUICE_PORT or --port`,
    );
  });

  it.each([
    ['in colours on a terminal', true, {}, /␛\[32mINFO ␛\[0m ready ␛\[90mevent=gateway\.ready /],
    ['without colours where NO_COLOR is set', true, { NO_COLOR: '1' }, /\d INFO {2}ready event=/],
    ['without colours elsewhere', false, {}, /\d INFO {2}ready event=gateway\.ready version=/],
  ])('logs readable lines %s', async (_where, onTerminal, env, line) => {
    await using gateway = startCommand(['serve'], {
      env: {
        SLUICE_PORT: '0',
        SLUICE_EMBEDDED_MQTT_PORT: '0',
        SLUICE_LOG_FORMAT: 'pretty',
        ...env,
      },
      onTerminal,
    });
    await gateway.printed(onTerminal ? 'stdout' : 'stderr', line);
  });
});
