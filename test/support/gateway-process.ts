import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** `sluice serve` as a process, which can be killed and comes back at the same address. */
export interface GatewayProcess extends AsyncDisposable {
  readonly url: string;
  /** The address with `ws` in front. */
  readonly webSocketUrl: string;
  /** Ends it from one moment to the next, as a crash does: what it kept is gone. */
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** The exit code of the process that runs now; null when a signal has ended it. */
  readonly exited: Promise<number | null>;
  /** Starts it again, and resolves when it takes clients. */
  start(): Promise<void>;
}

/**
 * With the settings as environment variables. MQTT is a broker of the test's,
 * which outlives it, or the embedded one, on a port of the test's.
 */
export async function startGatewayProcess(
  settings: (
    | { readonly SLUICE_MQTT_URL: string }
    | { readonly SLUICE_EMBEDDED_MQTT_PORT: string }
  ) &
    Readonly<Record<string, string>>,
  [program, ...args]: readonly [string, ...string[]] = [process.execPath, main],
): Promise<GatewayProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess;
  let exited: Promise<number | null>;
  let said = '';

  async function start(): Promise<void> {
    said = '';
    child = spawn(program, [...args, 'serve'], {
      env: { PATH: process.env['PATH'] ?? '', SLUICE_PORT: String(port), ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    exited = once(child, 'exit').then(([code]) => code as number | null);
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    }
    await until('/ready answers 200', isReady, () => said);
  }
  async function isReady(): Promise<boolean> {
    if (child.exitCode !== null) throw new Error(`the gateway ended: ${said}`);
    try {
      return (await fetch(`${url}/ready`)).ok;
    } catch {
      // It does not listen yet.
      return false;
    }
  }
  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await exited;
  }

  await start();
  return {
    url,
    webSocketUrl: url.replace(/^http/, 'ws'),
    kill,
    signal: (signal) => void child.kill(signal),
    get exited() {
      return exited;
    },
    start,
    [Symbol.asyncDispose]: kill,
  };
}
