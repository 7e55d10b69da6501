import type { Writable } from 'node:stream';

export interface LogOutputOptions {
  /**
   * The stream of the log, for example standard error. It is asynchronous when it is a
   * pipe or a socket.
   */
  readonly stream: Writable;
  /** The maximum of waiting bytes in the stream. Urgent lines may use the same amount in addition. */
  readonly maxWaitingBytes: number;
  /** Called when lines can be written again, with the number of dropped lines. */
  readonly recovered: (dropped: number) => void;
}

/** Writes log lines. It never waits for its reader, and its memory is limited. */
export interface LogOutput {
  /** How many lines were dropped since the start, because they did not fit or the stream failed. */
  readonly dropped: number;
  write(line: string, isUrgent: boolean): void;
  /** Resolves with true when the reader has taken everything, or with false after `timeoutMs`. */
  flush(timeoutMs: number): Promise<boolean>;
}

export function createLogOutput({
  stream,
  maxWaitingBytes,
  recovered,
}: LogOutputOptions): LogOutput {
  let dropped = 0;
  let untold = 0;
  // Several loggers may share the standard error of a process, and Node.js warns about many
  // listeners.
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
      // Written as bytes: a socket counts the characters of a string.
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
            // The callback runs after everything that waits now; `recovered` may write one more
            // line.
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
  // The reader is gone, or the disk is full: the callback of each write gets the error.
}
