import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, it } from 'vitest';

const entry = resolve(import.meta.dirname, '../../client/index.ts');
const maxBytes = 16_000;

/** A page's program that says this, with all that it imports, minified. */
async function bundled(program: string): Promise<string> {
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
    return output!.code;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function bundleBytes(program: string): Promise<number> {
  return gzipSync(await bundled(program), { level: 9 }).length;
}

it('weighs less than 16 KB with its dependencies', async () => {
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

it('weighs less than 8 KB as a connection for other clients, without the rest of the client', async () => {
  const connection = resolve(import.meta.dirname, '../../client/graphql-ws.ts');
  const program = `import { connect } from ${JSON.stringify(connection)}; globalThis.connect = connect;`;
  expect(await bundleBytes(program)).toBeLessThan(8000);
  const code = await bundled(program);
  expect(code).toContain('graphql-transport-ws');
  expect(code).not.toContain('event-stream');
  expect(code).not.toContain('deviceIds must be');
});
