import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');

/** The package as it is published, without the dashboard, built from the sources as they are now. */
export interface BuiltPackage extends AsyncDisposable {
  readonly folder: string;
}

export async function buildPackage(): Promise<BuiltPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-package-'));
  await promisify(execFile)(
    join(root, 'node_modules/.bin/tsc'),
    ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')],
    { cwd: root },
  );
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Puts it where programs in this folder find it. */
export async function installPackage(built: BuiltPackage, folder: string): Promise<void> {
  const place = join(folder, 'node_modules/sluice');
  await rm(place, { force: true });
  await symlink(built.folder, place);
}
