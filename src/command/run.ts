import { CommandError, exitCodes } from './command-error.ts';
import { createProgress, type Progress } from './progress.ts';

/** What a command works with. */
export interface CommandContext {
  /** Aborted when somebody wants it to end: by a signal, or because nobody reads its output any more. */
  readonly signal: AbortSignal;
  /** Whether a signal has asked for the end. */
  wasInterrupted(this: void): boolean;
  readonly progress: Progress;
  /** To the standard output; resolves when there is room for more, so that a slow reader slows the command down. */
  readonly print: (text: string) => Promise<void>;
}

const signalNumbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/**
 * Runs the work of a command and sets the exit code of the process. The first
 * signal asks the work to end, the second one ends the process.
 */
export async function run(work: (context: CommandContext) => Promise<void>): Promise<void> {
  const end = new AbortController();
  const progress = createProgress();
  let exitCode: number = exitCodes.fine;
  const listeners = Object.entries(signalNumbers).map(([name, number]) => {
    const listener = (): void => {
      if (end.signal.aborted) process.exit(128 + number);
      exitCode = 128 + number;
      end.abort();
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  const output = createOutput(progress, (error) => {
    // Whoever reads it has enough, as `head` does: no fault.
    if (error.code !== 'EPIPE') {
      exitCode = exitCodes.failed;
      progress.note(`Cannot write to the standard output: ${error.message}`);
    }
    end.abort();
  });
  try {
    await work({
      signal: end.signal,
      wasInterrupted: () => exitCode > 128,
      progress,
      print: output,
    });
  } catch (error) {
    // What broke because it was told to end is no news.
    if (!(end.signal.aborted && isAbort(error))) {
      exitCode = exitCode === exitCodes.fine ? exitCodeOf(error) : exitCode;
      progress.end();
      progress.note(
        error instanceof CommandError ? error.message : `Unexpected error: ${String(error)}`,
      );
    }
  } finally {
    progress.end();
    for (const remove of listeners) remove();
    process.exitCode = exitCode;
  }
}

function exitCodeOf(error: unknown): number {
  return error instanceof CommandError ? error.exitCode : exitCodes.failed;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function createOutput(
  progress: Progress,
  onError: (error: NodeJS.ErrnoException) => void,
): CommandContext['print'] {
  const stream = process.stdout;
  let failed = false;
  let waiting: Array<() => void> = [];
  const proceed = (): void => {
    const all = waiting;
    waiting = [];
    for (const resolve of all) resolve();
  };
  stream.on('error', (error: NodeJS.ErrnoException) => {
    failed = true;
    onError(error);
    proceed();
  });
  stream.on('drain', proceed);
  return async (text) => {
    if (failed) return;
    let hasRoom = true;
    const write = (): void => {
      hasRoom = stream.write(text);
    };
    // The line in place may be on the same terminal.
    if (stream.isTTY) progress.around(write);
    else write();
    if (hasRoom) return;
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
  };
}
