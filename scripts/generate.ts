import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { Kind, parse, print, printSchema, stripIgnoredCharacters } from 'graphql';
import codegen from '../codegen.ts';
import { createSchema } from '../schema/schema.ts';
import { configurationPage } from '../src/config/page.ts';
import { logPage } from '../src/observe/log-page.ts';
import { metricsPage } from '../src/metrics/page.ts';
import { gatewayOptionsTypes } from './options-file.ts';
import { brokerStatsTypes, shownStats, statsDocument } from './stats-files.ts';

/**
 * Writes every generated file: the SDL, the types of the options and of the stats, the client's typed
 * documents and the configuration, log and metrics pages. With `--check` it writes none, and fails when one is stale.
 */
const check = process.argv.includes('--check');
const root = join(import.meta.dirname, '..');

const contract = `${printSchema(createSchema())}\n`;
const files = new Map<string, string>([
  ['schema/schema.graphql', contract],
  ['docs/configuration.md', configurationPage()],
  ['docs/log.md', logPage()],
  ['docs/metrics.md', metricsPage()],
  ['src/config/gateway-options.ts', gatewayOptionsTypes()],
  ['src/metrics/broker-stats.ts', brokerStatsTypes()],
  ['client/stats.graphql', statsDocument()],
  ['client/generated/shown-stats.ts', shownStats()],
]);

// The typed documents are made from this file as it lies in the tree.
if (!check) await writeFile(join(root, 'client/stats.graphql'), statsDocument());
for (const [path, content] of await typedDocuments(contract)) {
  files.set(path, content);
}
files.set('client/generated/texts.ts', await operationTexts());

if (check) {
  const stale: string[] = [];
  for (const [path, content] of files) {
    const current = await readFile(join(root, path), 'utf8').catch(() => 'missing');
    if (current !== content) stale.push(path);
  }
  if (stale.length > 0) {
    process.stderr.write(`Stale: ${stale.join(', ')}. Run "npm run codegen" and commit.\n`);
    process.exitCode = 1;
  }
} else {
  for (const [path, content] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

/** The operations that `sluice-client` sends by itself, as texts: a third of the weight of their documents, in every page. */
async function operationTexts(): Promise<string> {
  const lines = [
    '/** The operations that the client sends by itself, as `npm run codegen` writes them. */',
  ];
  for (const name of ['current-positions', 'messages', 'never-heard']) {
    const { definitions } = parse(await readFile(join(root, `client/${name}.graphql`), 'utf8'));
    for (const definition of definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      const text = stripIgnoredCharacters(print(definition));
      lines.push(`export const ${definition.name!.value}Text =\n  '${text}';`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** The files of the client preset, generated beside the tree so that a check leaves the tree alone. */
async function typedDocuments(sdl: string): Promise<[path: string, content: string][]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-codegen-'));
  try {
    await writeFile(join(folder, 'schema.graphql'), sdl);
    const targets = Object.entries(codegen.generates) as [string, object][];
    const folderOf = (target: string): string => `${join(folder, target.replaceAll('/', '-'))}/`;
    await generate(
      {
        ...codegen,
        schema: join(folder, 'schema.graphql'),
        cwd: root,
        silent: true,
        errorsOnly: true,
        generates: Object.fromEntries(
          targets.map(([target, output]) => [folderOf(target), output]),
        ),
      },
      true,
    );
    const written: [string, string][] = [];
    for (const [target] of targets) {
      for (const name of (await readdir(folderOf(target))).toSorted()) {
        const content = await readFile(join(folderOf(target), name), 'utf8');
        written.push([join(target, name), withOwnDocumentType(content, target)]);
      }
    }
    return written;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * The generator types documents by the graphql that happens to be installed beside
 * the client. An application has another one, or none.
 */
function withOwnDocumentType(content: string, target: string): string {
  const from = target === 'client/generated/' ? '../document.ts' : 'sluice-client';
  return content.replace(
    "import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';",
    `import type { GeneratedDocument as DocumentNode } from '${from}';`,
  );
}
