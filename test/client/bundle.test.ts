import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, it } from 'vitest';

const entry = resolve(import.meta.dirname, '../../client/index.ts');
const maxBytes = 14_000;

/** The bytes of a page's program that says this, with all that it imports, minified and gzipped. */
async function bundleBytes(program: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bundle-'));
  try {
    const input = join(folder, 'program.js');
    await writeFile(input, program);
    const bundle = await build({
      configFile: false,
      logLevel: 'error',
      root: folder,
      build: { write: false, modulePreload: false, rolldownOptions: { input } },
    });
    const [output] = 'output' in bundle ? bundle.output : [];
    return gzipSync(output!.code, { level: 9 }).length;
  } finally {
    await rm(folder, { recursive: true });
  }
}

it('weighs less than 14 KB with its dependencies', async () => {
  const bytes = await bundleBytes(
    `import { createSluiceClient } from ${JSON.stringify(entry)}; globalThis.create = createSluiceClient;`,
  );
  expect(bytes).toBeGreaterThan(5000);
  expect(bytes).toBeLessThan(maxBytes);
});

it('weighs nothing where it is imported and not used', async () => {
  const bytes = await bundleBytes(
    `import { SluiceError } from ${JSON.stringify(entry)}; globalThis.SluiceError = SluiceError;`,
  );
  expect(bytes).toBeLessThan(500);
});
