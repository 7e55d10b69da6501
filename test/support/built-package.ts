import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

const root = resolve(import.meta.dirname, '../..');

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folders of the packages as they are published, without the dashboard, by name. */
    packages: Readonly<Record<'sluice' | 'sluice-client', string>>;
  }
}

/**
 * Builds the packages once for all system tests, from the sources as they are now:
 * the programs of the documentation run against these.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-packages-'));
  const packages = { sluice: join(folder, 'sluice'), 'sluice-client': join(folder, 'client') };
  await build('tsconfig.build.json', packages.sluice);
  await build('client/tsconfig.build.json', packages['sluice-client']);
  for (const [from, to, contract] of [
    ['.', packages.sluice, 'schema/schema.graphql'],
    ['client', packages['sluice-client'], 'dist/schema.graphql'],
  ] as const) {
    await cp(join(root, from, 'package.json'), join(to, 'package.json'));
    await cp(join(root, 'schema/schema.graphql'), join(to, contract));
    await symlink(join(root, 'node_modules'), join(to, 'node_modules'));
  }
  project.provide('packages', packages);
  return () => rm(folder, { recursive: true, force: true });
}

async function build(config: string, folder: string): Promise<void> {
  await promisify(execFile)(
    join(root, 'node_modules/.bin/tsc'),
    ['-p', config, '--outDir', join(folder, 'dist')],
    { cwd: root },
  );
}
