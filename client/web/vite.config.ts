import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** Puts a file with Brotli, at its best level, beside each file of the page: the gateway serves what it finds. */
const brotli: Plugin = {
  name: 'brotli',
  apply: 'build',
  async writeBundle({ dir = '' }, bundle) {
    await Promise.all(
      Object.keys(bundle).map(async (name) => {
        const path = join(dir, name);
        await writeFile(`${path}.br`, await promisify(brotliCompress)(await readFile(path)));
      }),
    );
  },
};

/** The client as it is in this tree, and not as it was built last. */
const sources = [
  { find: /^sluice-client$/, replacement: join(import.meta.dirname, '../index.ts') },
  { find: /^sluice-client\/stats$/, replacement: join(import.meta.dirname, '../stats.ts') },
];

/** The dashboard: a page that asks for nothing but its own files and the gateway. */
export default defineConfig({
  // Relative, so that it may be served under a path of a proxy.
  base: './',
  plugins: [brotli],
  resolve: { alias: sources },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/client/web',
    emptyOutDir: true,
    // The page's policy takes no data: URL but for pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
});
