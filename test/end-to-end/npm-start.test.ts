import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { until } from '../support/until.ts';

/** In the place of the gateway. Ends by itself when the signal does not come. */
const program = `
process.on('SIGTERM', () => {
  console.log('drained');
  process.exit();
});
setTimeout(() => process.exit(1), 20_000);
console.log('started');
`;

it('passes SIGTERM on to the gateway', { timeout: 30_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-start-'));
  try {
    const scripts = { build: 'true', start: manifest.scripts.start };
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', scripts }));
    await mkdir(join(folder, 'dist/src'), { recursive: true });
    await writeFile(join(folder, 'dist/src/main.js'), program);
    const npm = spawn('npm', ['start'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = once(npm, 'close');
    let said = '';
    npm.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await until(
      'it has started',
      () => said.includes('started'),
      () => said,
    );
    npm.kill('SIGTERM');
    // When the last process that holds the output has ended.
    await closed;
    expect(said).toContain('drained');
  } finally {
    await rm(folder, { recursive: true });
  }
});
