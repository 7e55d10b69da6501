import type { Writable } from 'node:stream';

export interface LogOutputOptions {
  /** For example standard error, which is asynchronous where it is a pipe or a socket. */
  readonly stream: Writable;
  /** What may wait in the stream, in bytes. Urgent lines may take as much again. */
  readonly maxWaitingBytes: number;
  /** Called when lines can be written again, with how many were dropped before. */
  readonly recovered: (dropped: number) => void;
}

/** Where log lines go: it never waits for its reader, and its memory is bounded. */
export interface LogOutput {
  /** How many lines were dropped since the start: they did not fit, or the stream failed. */
  readonly dropped: number;
  write(line: string, isUrgent: boolean): void;
  /** Resolves when the reader has taken everything, or after `timeoutMs`. Says whether it has. */
  flush(timeoutMs: number): Promise<boolean>;
}

export function createLogOutput({
  stream,
  maxWaitingBytes,
  recovered,
}: LogOutputOptions): LogOutput {
  let dropped = 0;
  let untold = 0;
  // Several loggers of a process may share its standard error, which warns of many listeners.
  if (!stream.listeners('error').includes(ignoreFailure)) stream.on('error', ignoreFailure);

  function drop(): void {
    dropped += 1;
    untold += 1;
  }

  function written(error?: Error | null): void {
    if (error != null) {
      drop();
    } else if (untold > 0 && stream.writableLength === 0) {
      const count = untold;
      untold = 0;
      recovered(count);
    }
  }

  return {
    get dropped() {
      return dropped;
    },
    write(line, isUrgent) {
      // As bytes: a socket counts a string in characters.
      const bytes = Buffer.from(line);
      const mayWait = isUrgent ? 2 * maxWaitingBytes : maxWaitingBytes;
      if (stream.writableLength + bytes.length > mayWait) drop();
      else stream.write(bytes, written);
    },
    flush(timeoutMs) {
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), timeoutMs);
        const look = (): void => {
          if (stream.writableLength > 0) {
            // Called behind everything that waits now; `recovered` may write one line more.
            stream.write('', look);
            return;
          }
          clearTimeout(timer);
          resolve(true);
        };
        look();
      });
    },
  };
}

function ignoreFailure(): void {
  // A reader that has gone, or a full disk: each write is told by its callback.
}
