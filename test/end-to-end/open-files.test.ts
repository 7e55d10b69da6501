import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { RawSocket } from '../support/raw-socket.ts';
import { until } from '../support/until.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

it.runIf(process.platform === 'linux')(
  'takes no more connections than there may be open files, and says and counts it',
  { timeout: 30_000 },
  async () => {
    const child = spawn(
      'sh',
      ['-c', 'ulimit -n 420; exec "$0" "$@"', process.execPath, main, 'serve'],
      {
        env: {
          PATH: process.env['PATH'] ?? '',
          SLUICE_PORT: '0',
          SLUICE_EMBEDDED_MQTT_PORT: '0',
          SLUICE_SIMULATED_DEVICES: '0',
          SLUICE_LOG_FORMAT: 'json',
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    const closed = once(child, 'close');
    let logged = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (logged += text));
    const logs = (text: string): Promise<void> =>
      until(
        `it logs ${text}`,
        () => logged.includes(text),
        () => logged,
      );
    await using stack = new AsyncDisposableStack();
    stack.defer(async () => {
      child.kill('SIGKILL');
      await closed;
    });
    await logs('gateway.ready');
    expect(logged).toContain(
      '"event":"gateway.open_files_low","maxOpenFiles":420,"maxConnections":20',
    );
    const [, url = ''] = /"url":"([^"]+)"/.exec(logged) ?? [];
    for (let n = 0; n < 30; n += 1) stack.use(await RawSocket.connect(url));
    await logs('"event":"connection.refused"');
    const response = await fetch(`${url}/api/v1/stream/stats`);
    const stats = (await response.json()) as { requests_refused_by_reason: object };
    // The connection of this request has made room for itself, too.
    expect(stats.requests_refused_by_reason).toMatchObject({ connections: 11 });
  },
);
