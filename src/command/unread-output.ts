import { exitCodes } from './command-error.ts';

/**
 * Keeps a command alive when nobody reads its outputs any more, as with `| head`:
 * without a listener, the error of the first write would end it with a stack trace.
 * What a failed write means is for the writer, who is told by the callback of `write`
 * or by a listener of its own.
 */
export function tolerateUnreadOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Writes to the standard output, and tells a failure that is not the reader's choice. */
export function writeOut(text: string): void {
  process.stdout.write(text, (error) => {
    if (error == null || ('code' in error && error.code === 'EPIPE')) return;
    process.stderr.write(`Cannot write to the standard output: ${error.message}\n`);
    process.exitCode = exitCodes.failed;
  });
}
