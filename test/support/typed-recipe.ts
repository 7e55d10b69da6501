import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Inbox } from './inbox.ts';
import { filesIn, writePageProgram, type PageProgram } from './page-programs.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** The programs of a recipe, beside those of the page with which all of them begin. */
export interface Recipe extends PageProgram {
  /** Adds a file of the test's own. */
  write(name: string, text: string): Promise<void>;
  /** Runs a command of the installed packages, as `npx` would; rejects with what it said when it fails. */
  command(name: string, args?: readonly string[], env?: NodeJS.ProcessEnv): Promise<string>;
  /** What the compiler says about the programs: nothing when they are right. */
  compile(): Promise<string>;
  /** What `vue-tsc` or `svelte-check` says about them, with the TypeScript 6 that they need: nothing when they are right. */
  compileComponents(program: ComponentCompiler): Promise<string>;
  /** Starts a program that goes on until the test ends. */
  start(name: string, args: readonly string[], env: NodeJS.ProcessEnv): RecipeProgram;
}

/** Where a compiler stands in the installed packages. */
export type ComponentCompiler = 'vue-tsc/bin/vue-tsc.js' | 'svelte-check/bin/svelte-check';

export interface RecipeProgram extends AsyncDisposable {
  /** What it prints, line by line, on both of its streams; ends with the process. */
  readonly lines: Inbox<string>;
}

/** The same program, with the token that the file `token` holds whenever it is asked for. */
export function withTokenFile(program: string): string {
  const asking = program.replace(
    /(create\w+\(process\.env.*)\);/,
    "$1, () => readFileSync('token', 'utf8'));",
  );
  if (asking === program) throw new Error('no client is made of an address');
  return `import { readFileSync } from 'node:fs';\n${asking}`;
}

/** Writes the files of `docs/recipes/<pages>`, and generates the types as the first page says. */
export async function writeRecipe(...pages: readonly string[]): Promise<Recipe> {
  const program = await writePageProgram('recipes/codegen.md');
  const { folder } = program;
  async function write(name: string, text: string): Promise<void> {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  async function command(
    name: string,
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
  ): Promise<string> {
    const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
    const { stdout } = await run(join(folder, 'node_modules/.bin', name), args, {
      cwd: folder,
      env: { ...process.env, PATH: path, NODE_ENV: 'production', ...env },
    });
    return stdout;
  }
  async function compile(): Promise<string> {
    try {
      return await command('tsc', ['--noEmit']);
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }

  async function compileComponents(compiler: ComponentCompiler): Promise<string> {
    // Both take the `typescript` beside them. Without the symbolic links they were beside the one of this repository.
    const typescript = join(folder, 'node_modules/typescript');
    await rm(typescript);
    await symlink(join(root, 'node_modules/typescript-6'), typescript);
    const preserve = ['--preserve-symlinks', '--preserve-symlinks-main'];
    const path = join(folder, 'node_modules', compiler);
    try {
      await run(process.execPath, [...preserve, path], { cwd: folder });
      return '';
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return stdout + stderr;
    }
  }

  const files = new Map(program.files);
  await write('package.json', '{ "type": "module" }');
  for (const page of pages) {
    for (const [name, text] of filesIn(await readFile(join(root, 'docs/recipes', page), 'utf8'))) {
      files.set(name, text);
      await write(name, text);
    }
  }
  await command('graphql-codegen');
  return {
    ...program,
    files,
    write,
    command,
    compile,
    compileComponents,
    start: (name, args, env) => startProgram(folder, [name, ...args], env),
  };
}

function startProgram(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): RecipeProgram {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = new Inbox<string>();
  const exited = once(child, 'exit');
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      // What the connection warns of depends on how long the gateway was away.
      if (!line.startsWith('Sluice: ')) lines.push(line);
    });
  }
  child.once('close', (code) => lines.end(new Error(`the program has ended with ${code}`)));
  return {
    lines,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await exited;
    },
  };
}
