import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { inject } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** A folder with the programs of one page of the documentation, as a reader who copies them has it. */
export interface PageProgram extends AsyncDisposable {
  readonly folder: string;
  /** The text of each of its files, by name. */
  readonly files: ReadonlyMap<string, string>;
}

/** The files that a page shows: each block of code whose first line is a comment that is a file name alone. */
export function filesIn(page: string): Map<string, string> {
  const blocks = page.matchAll(/^```\w+\n((?:\/\/|#|<!--) (\S+\.\w+)(?: -->)?\n.*?)^```$/gms);
  return new Map([...blocks].map(([, text = '', name = '']) => [name, text]));
}

/** Writes the files of `docs/<page>` into a folder of their own, with the packages that this repository has and its own, built. */
export async function writePageProgram(page: string): Promise<PageProgram> {
  const files = filesIn(await readFile(join(root, 'docs', page), 'utf8'));
  if (files.size === 0) throw new Error(`docs/${page} shows no file`);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-recipe-'));
  for (const [name, text] of files) {
    const path = resolve(folder, name);
    if (!path.startsWith(`${folder}/`)) throw new Error(`${name} is outside of its folder`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  await mkdir(join(folder, 'node_modules'));
  const packages: Readonly<Record<string, string>> = inject('packages');
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name in packages) continue;
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  for (const [name, built] of Object.entries(packages)) {
    await symlink(built, join(folder, 'node_modules', name));
  }
  return {
    folder,
    files,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
