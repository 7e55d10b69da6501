import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { until } from './until.ts';

/** A program that runs by itself until the test has seen enough of it. */
export interface RunningProgram extends AsyncDisposable {
  /** Resolves as soon as it has printed this. */
  prints(text: string): Promise<void>;
}

/** A module, with the packages of this repository beside it. */
export async function runModule(code: string): Promise<RunningProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-program-'));
  await symlink(resolve(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'program.mjs'), code);
  return run(process.execPath, ['program.mjs'], folder);
}

/** Lines of a POSIX shell. */
export async function runShell(code: string): Promise<RunningProgram> {
  return run('sh', ['-c', `exec ${code}`], await mkdtemp(join(tmpdir(), 'sluice-program-')));
}

function run(command: string, words: readonly string[], folder: string): RunningProgram {
  const child = spawn(command, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  return {
    prints: (text) =>
      until(
        `the program prints ${text}`,
        () => {
          if (said.includes(text)) return true;
          if (child.exitCode !== null) throw new Error(`the program ended: ${said}`);
          return false;
        },
        () => said,
      ),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
