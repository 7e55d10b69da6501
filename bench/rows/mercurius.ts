import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startOwnServer } from './node-server.ts';
import type { Row } from './row.ts';

const folder = fileURLToPath(new URL('../mercurius', import.meta.url));
let installed: Promise<void> | undefined;

/** The packages of this row are no dependencies of the product: they are fetched when the row first runs. */
function install(): Promise<void> {
  installed ??= (async () => {
    if (existsSync(`${folder}/node_modules/mercurius`)) return;
    const args = ['--prefix', folder, 'ci', '--no-audit', '--no-fund', '--silent'];
    const npm = spawn('npm', args, { stdio: 'ignore', timeout: 60_000 });
    const [code] = (await once(npm, 'close')) as [number | null];
    if (code !== 0) throw new Error(`its packages could not be installed (npm ended with ${code})`);
  })();
  return installed;
}

export const mercuriusRow: Row = {
  name: 'mercurius',
  about: 'Mercurius on Fastify with its own emitter',
  dialogue: 'graphql-websocket',
  isBroker: false,
  collects: true,
  async start(site) {
    await install();
    return startOwnServer('mercurius', '../mercurius/server.ts', site);
  },
};
