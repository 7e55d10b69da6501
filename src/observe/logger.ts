import type { Writable } from 'node:stream';
import { levels, pino, symbols } from 'pino';
import type { LogFields, LogLevel } from './log-events.ts';
import { createLogOutput } from './log-output.ts';
import { prettyLine } from './pretty-line.ts';

/**
 * What the gateway logs to: the part of pino's interface that it uses, so that a host
 * can pass its own logger. Events and fields are those of the catalogue.
 */
export type Logger = {
  [Level in LogLevel]: (fields: LogFields<Level>, message: string) => void;
} & {
  /** Lets the rate limits ignore lines that are not logged. Default: every level is logged. */
  isLevelEnabled?(level: string): boolean;
};

/** The gateway's own logger. */
export type OutputLogger = Logger & {
  /** How many lines could not be written since the start. */
  readonly linesDropped: number;
  /** Resolves with true when everything was read, or with false after `timeoutMs`. */
  flush(timeoutMs: number): Promise<boolean>;
};

export interface LoggerOptions {
  readonly level: string;
  /** `pretty`: readable lines for a person. `json`: one object per line. */
  readonly format: 'pretty' | 'json';
  /**
   * The stream of the log. Default: standard error, so that standard output has only
   * what the command prints.
   */
  readonly stream?: Writable & { readonly isTTY?: boolean };
}

/** The maximum of bytes that wait for a reader of the log that does not read. */
const maxWaitingBytes = 1024 * 1024;
const fatalLevel = levels.values['fatal']!;

/**
 * A logger that never waits for its reader. It does not use pino's own
 * destination: a write that blocks in libuv's thread pool keeps the process from
 * ending, and the synchronous form stops the event loop. Node.js writes to a pipe
 * or a socket without blocking.
 */
export function createLogger({
  level,
  format,
  stream = process.stderr,
}: LoggerOptions): OutputLogger {
  const colours = stream.isTTY === true && (process.env['NO_COLOR'] ?? '') === '';
  const output = createLogOutput({
    stream,
    maxWaitingBytes,
    recovered(dropped) {
      const fields: LogFields<'warn'> = { event: 'log.lines_dropped', dropped, reason: 'UNREAD' };
      logger.warn(fields, 'log lines were dropped: standard error did not take them');
    },
  });
  const destination = {
    // pino then sets `lastLevel` to the level of each line.
    [symbols.needsMetadataGsym]: true as const,
    lastLevel: 0,
    write(line: string) {
      const text = format === 'pretty' ? prettyLine(line, { colours }) : line;
      // The reason why the gateway ends is written even when other lines wait for a reader.
      output.write(text, destination.lastLevel >= fatalLevel);
    },
  };
  const logger = pino({ level }, destination);
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    fatal: (fields, message) => logger.fatal(fields, message),
    isLevelEnabled: (name) => logger.isLevelEnabled(name),
    get linesDropped() {
      return output.dropped;
    },
    flush: (timeoutMs) => output.flush(timeoutMs),
  };
}

/** How many lines the gateway's own logger has dropped; 0 for a host's logger, which counts by itself. */
export function linesDroppedBy(logger: Logger): number {
  return 'linesDropped' in logger && typeof logger.linesDropped === 'number'
    ? logger.linesDropped
    : 0;
}

/** A logger that writes nothing. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
};
