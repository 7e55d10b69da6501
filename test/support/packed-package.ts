import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** The tarballs that would be published, built by `npm pack` from the sources as they are now. */
export interface PackedPackages extends AsyncDisposable {
  readonly sluice: string;
  readonly client: string;
}

/** A folder into which npm has installed packages, as the user of a package has it. */
export interface Application extends AsyncDisposable {
  readonly folder: string;
  /** The path of a file or folder in it. */
  path(name: string): string;
  write(name: string, text: string): Promise<void>;
  /** Runs a command of the installed packages, as `npx` would; rejects with what it said when it fails. */
  command(name: string, args: readonly string[]): Promise<string>;
  /** Runs a file of it. */
  node(name: string, ...args: readonly string[]): Promise<string>;
  /** What the compiler says about its files: nothing when they are right. It checks the declarations of the packages too. */
  compile(...args: readonly string[]): Promise<string>;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly inBundle?: boolean }>>;
}

/** What a build does not read. */
const left: ReadonlySet<string> = new Set(['node_modules', 'dist', '.git', 'coverage', 'test']);

export async function packPackages(): Promise<PackedPackages> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-packed-'));
  // A copy, since packing builds anew and other tests run what is built in the repository.
  const source = join(folder, 'source');
  await cp(root, source, {
    recursive: true,
    filter: (path) => !left.has(relative(root, path)),
  });
  const modules = join(source, 'node_modules');
  await symlink(join(root, 'node_modules'), modules);
  await run('npm', ['run', 'prepack'], { cwd: source });
  // npm packs no dependency of a bundled package behind a link.
  await rm(modules);
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock;
  for (const [path, { inBundle }] of Object.entries(lock.packages)) {
    if (inBundle) await cp(join(root, path), join(source, path), { recursive: true });
  }
  async function pack(...what: readonly string[]): Promise<string> {
    const { stdout } = await run(
      'npm',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...what],
      { cwd: source, maxBuffer: Infinity },
    );
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    return join(folder, filename);
  }
  return {
    sluice: await pack(),
    client: await pack('./client'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Installs packages with npm, of which some may be tarballs, as an application does. */
export async function installApplication(packages: readonly string[]): Promise<Application> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-application-'));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, text: string): Promise<void> => writeFile(path(name), text);
  await write('package.json', '{ "private": true, "type": "module" }');
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...quiet, '--save-exact', ...packages], { cwd: folder });

  async function command(name: string, args: readonly string[]): Promise<string> {
    const { stdout } = await run(path(`node_modules/.bin/${name}`), args, { cwd: folder });
    return stdout;
  }
  return {
    folder,
    path,
    write,
    command,
    async node(name, ...args) {
      const { stdout } = await run(process.execPath, [name, ...args], { cwd: folder });
      return stdout;
    },
    async compile(...args) {
      try {
        const { stdout } = await run(
          join(root, 'node_modules/.bin/tsc'),
          ['--noEmit', '--strict', '--skipLibCheck', 'false', ...args],
          { cwd: folder },
        );
        return stdout;
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
