import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

export interface Mosquitto extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Asks it to end. What it held in memory is gone: sessions, retained messages. */
  stop(): Promise<void>;
  /** Ends it from one moment to the next, and all that it held in memory with it. */
  kill(): Promise<void>;
  /** Ends it, unless it has ended, and starts it again on the same port. */
  restart(): Promise<void>;
}

export interface MosquittoOptions {
  /** Who may connect. Default: anybody. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Further lines of its configuration. */
  readonly lines?: readonly string[];
}

/** Debian puts servers where the PATH of a user does not look. */
const path = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

/** A Mosquitto of the test's own: on a port of its own, with nothing kept on disk. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-mosquitto-'));
  const port = await freePort();
  const configuration = join(folder, 'mosquitto.conf');
  await writeFile(
    configuration,
    [
      `listener ${port} 127.0.0.1`,
      // Started by root, it would become somebody who may not read this folder.
      `user ${userInfo().username}`,
      'persistence false',
      'log_dest stderr',
      // No bound on what waits for the gateway: a test that floods it measures the gateway.
      'max_queued_messages 0',
      ...(await access(folder, options.user)),
      ...(options.lines ?? []),
      '',
    ].join('\n'),
  );

  let child: ChildProcess;
  async function start(): Promise<void> {
    child = spawn('mosquitto', ['-c', configuration], {
      env: { PATH: path },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await running(child);
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    // Directly after its start it forgets a SIGTERM: it says that it runs before it does.
    const again = setInterval(() => child.kill(signal), 100);
    await exited;
    clearInterval(again);
  }
  await start();

  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM');
      await start();
    },
    async [Symbol.asyncDispose]() {
      await end('SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}

async function access(folder: string, user: MosquittoOptions['user']): Promise<string[]> {
  if (user === undefined) return ['allow_anonymous true'];
  const file = join(folder, 'passwords');
  await writeFile(file, '', { mode: 0o600 });
  const child = spawn('mosquitto_passwd', ['-b', file, user.name, user.password], {
    env: { PATH: path },
    stdio: 'ignore',
  });
  await once(child, 'exit');
  return ['allow_anonymous false', `password_file ${file}`];
}

/** Resolves when it says that it runs, and rejects with what it said when it ends instead. */
function running(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/mosquitto version \S+ running/.test(said)) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`mosquitto ended: ${said}`)));
  });
}
