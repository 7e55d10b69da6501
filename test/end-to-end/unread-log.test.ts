import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { abortRequest } from '../support/aborted-request.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** `sluice serve` with a standard error that nobody reads yet. */
interface UnreadGateway extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  readonly exited: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  /** Reads the log from now on to its end. */
  readLog(): Promise<string>;
  stats(): Promise<Record<string, unknown>>;
}

type Outlet = 'a pipe' | 'a socket' | 'a full disk';

interface OpenOutlet {
  /** As `spawn` takes it for standard error. */
  readonly stdio: number | 'pipe';
  /** What can be read of it, where it is not the child's own stream. */
  readonly open: () => Readable | undefined;
  readonly close: () => void;
}

function openOutlet(outlet: Outlet, folder: string): OpenOutlet {
  switch (outlet) {
    // What `spawn` calls a pipe is a socket.
    case 'a socket':
      return { stdio: 'pipe', open: () => undefined, close: () => undefined };
    case 'a full disk': {
      const full = openSync('/dev/full', 'w');
      return { stdio: full, open: () => undefined, close: () => closeSync(full) };
    }
    case 'a pipe': {
      const path = join(folder, 'fifo');
      execFileSync('mkfifo', [path]);
      const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      const writer = openSync(path, 'w');
      const open = (): Readable => createReadStream(path);
      return {
        stdio: writer,
        open,
        close() {
          closeSync(reader);
          closeSync(writer);
        },
      };
    }
  }
}

async function serveUnread(
  outlet: Outlet,
  env: Readonly<Record<string, string>> = {},
): Promise<UnreadGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-log-'));
  const { stdio, open, close } = openOutlet(outlet, folder);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [main, 'serve'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      SLUICE_PORT: String(port),
      SLUICE_EMBEDDED_MQTT_PORT: '0',
      SLUICE_LOG_LEVEL: 'debug',
      SLUICE_LOG_FORMAT: 'json',
      ...env,
    },
    stdio: ['ignore', 'ignore', stdio],
  });
  const exited = once(child, 'exit') as UnreadGateway['exited'];
  await until('it is ready', async () => {
    if (child.exitCode !== null) throw new Error('the gateway ended');
    const answer = await fetch(`${url}/ready`).catch(() => undefined);
    return answer?.ok === true;
  });
  return {
    url,
    child,
    exited,
    async readLog() {
      const stream = (child.stderr ?? open())!;
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      await exited;
      // Of a pipe, this process holds an end as well.
      close();
      if (!stream.readableEnded) await once(stream, 'end');
      return text;
    },
    async stats() {
      const answer = await fetch(`${url}/api/v1/stream/stats`, {
        signal: AbortSignal.timeout(30_000),
      });
      return (await answer.json()) as Record<string, unknown>;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

/** More than the kernel keeps of a pipe or a socket: the budget of lines alone is 500. */
async function flood(gateway: UnreadGateway): Promise<void> {
  await until('lines are dropped', async () => {
    await Promise.all(Array.from({ length: 50 }, () => abortRequest(gateway.url)));
    return (await gateway.stats())['log_lines_dropped'] !== 0;
  });
}

/** The events of whole lines, without those of the flood. */
function eventsIn(log: string): (string | undefined)[] {
  return log
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event?: string }).event)
    .filter((event) => event !== 'request.failed');
}

describe('a gateway whose log nobody reads', () => {
  it.each<Outlet>(['a pipe', 'a socket', 'a full disk'])(
    'goes on answering, and ends on SIGTERM: %s',
    async (outlet) => {
      await using gateway = await serveUnread(outlet);
      await flood(gateway);
      expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
      gateway.child.kill('SIGTERM');
      expect(await gateway.exited).toEqual([0, null]);
    },
  );

  it.each<Outlet>(['a pipe', 'a socket'])(
    'has written everything to its last line, once it is read: %s',
    async (outlet) => {
      await using gateway = await serveUnread(outlet);
      await flood(gateway);
      gateway.child.kill('SIGTERM');
      const events = eventsIn(await gateway.readLog());
      expect(events.filter((event) => event === undefined)).toEqual([]);
      expect(events.slice(-3)).toEqual(['gateway.closing', 'log.lines_dropped', 'gateway.closed']);
      expect(await gateway.exited).toEqual([0, null]);
    },
  );

  it('has written why it crashed, once it is read', async () => {
    const crash = "process.on('SIGUSR2',()=>{throw new Error('it broke')})";
    await using gateway = await serveUnread('a socket', {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(crash)}`,
    });
    await flood(gateway);
    gateway.child.kill('SIGUSR2');
    const log = await gateway.readLog();
    expect(eventsIn(log).slice(-3)).toEqual([
      'gateway.crashed',
      'log.lines_dropped',
      'gateway.closed',
    ]);
    expect(log).toContain('Error: it broke\\n    at ');
    expect(await gateway.exited).toEqual([1, null]);
  });
});
