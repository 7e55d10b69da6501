import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '../measure/child.ts';
import type { Site } from './row.ts';

const collectGarbage = new URL('../measure/collect-garbage.ts', import.meta.url);

/** All rows on Node start alike: the same binary, the same preload, no flags but their own and those of `BENCH_NODE_ARGS` (a profiler's). */
export function startNode(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  site: Site,
): Child {
  return startChild({
    name,
    command: [
      process.execPath,
      ...(process.env['BENCH_NODE_ARGS']?.split(' ') ?? []),
      '--import',
      collectGarbage.href,
      ...args,
    ],
    cpus: site.cpus,
    env: { NODE_ENV: 'production', ...env },
  });
}

/** Starts a server of the benchmark's own, which says "ready" on its output. */
export async function startOwnServer(name: string, script: string, site: Site): Promise<Child> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const env = {
    BENCH_PORT: String(site.port),
    BENCH_MQTT_URL: `mqtt://127.0.0.1:${site.mqttPort}`,
  };
  const child = startNode(name, ['--disable-warning=ExperimentalWarning', file], env, site);
  await child.wrote('ready');
  return child;
}
