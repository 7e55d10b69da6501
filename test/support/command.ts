import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface CommandOutcome {
  readonly code: number | null;
  /** The signal that ended it, when it did not end by itself. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `sluice …` as a process, of which every output is a pipe. */
export interface RunningCommand extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has printed so far; the character that begins an escape sequence is `␛`. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  readonly ended: Promise<CommandOutcome>;
  /** Waits until that stands in what was printed, and answers it all. */
  printed(stream: 'stdout' | 'stderr', text: string | RegExp): Promise<string>;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads. Default: nothing, and the input ends. Null: the input stays open. */
  readonly input?: string | null;
  /** Whether it runs on a terminal, of 100 columns and 30 rows; both outputs are then `stdout`. */
  readonly onTerminal?: boolean;
}

export function startCommand(
  args: readonly string[],
  { env = {}, input = '', onTerminal = false }: CommandOptions = {},
): RunningCommand {
  const [program, ...rest] = onTerminal
    ? terminal([process.execPath, main, ...args])
    : [process.execPath, main, ...args];
  // Without the SLUICE_ variables of whoever runs the tests.
  const child = spawn(program!, rest, {
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', NODE_NO_WARNINGS: '1', ...env },
  });
  if (input !== null) child.stdin.end(input);
  // It may end before it has read everything.
  child.stdin.on('error', () => undefined);
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text.replaceAll('\u001b', '␛');
    });
  }
  const ended = once(child, 'close').then(() => ({
    code: child.exitCode,
    signal: child.signalCode,
    ...output,
  }));
  return {
    child,
    output,
    ended,
    async printed(stream, text) {
      const holds = (): boolean =>
        typeof text === 'string' ? output[stream].includes(text) : text.test(output[stream]);
      while (!holds()) {
        if (child.exitCode !== null) {
          throw new Error(`ended before ${String(text)}: ${output.stdout}${output.stderr}`);
        }
        await Promise.race([once(child[stream], 'data'), once(child, 'close')]);
      }
      return output[stream];
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs it to its end. */
export function runCommand(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandOutcome> {
  return startCommand(args, options).ended;
}

/** `script` of util-linux gives it a terminal. */
function terminal(command: readonly string[]): string[] {
  const quoted = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
  return [
    'script',
    '--quiet',
    '--return',
    '--command',
    `stty cols 100 rows 30; exec ${quoted.join(' ')}`,
    '/dev/null',
  ];
}

export interface UnreadOptions {
  /** Whether nobody reads its errors either. Default: somebody does. */
  readonly alsoErrors?: boolean;
}

/** Runs it with a standard output that is a pipe without a reader, from the first byte on. */
export async function runUnread(
  args: readonly string[],
  { alsoErrors = false }: UnreadOptions = {},
): Promise<Pick<CommandOutcome, 'code' | 'stderr'>> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-unread-'));
  try {
    const path = join(folder, 'pipe');
    await promisify(execFile)('mkfifo', [path]);
    // The end to write to can be opened only while there is a reader.
    const reader = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = await open(path, constants.O_WRONLY);
    await reader.close();
    const ended = runInto(writer.fd, args, alsoErrors);
    await writer.close();
    return await ended;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs it with this file as its standard output. */
export async function runInto(
  stdout: number,
  args: readonly string[],
  alsoErrors = false,
): Promise<Pick<CommandOutcome, 'code' | 'stderr'>> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'] ?? '', NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', stdout, alsoErrors ? stdout : 'pipe'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  return { code: child.exitCode, stderr };
}
