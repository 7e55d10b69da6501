import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { renderGraphiqlHtml } from '../src/transport/pages/graphiql-html.ts';

/** Writes the page of GraphiQL into the built package, with the licence of what it is made of. */
const folder = join(import.meta.dirname, '../dist/graphiql');
const source = dirname(
  fileURLToPath(import.meta.resolve('@graphql-yoga/render-graphiql/package.json')),
);
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'index.html.gz'), gzipSync(await renderGraphiqlHtml(), { level: 9 }));
await copyFile(join(source, 'LICENSE'), join(folder, 'LICENSE'));
