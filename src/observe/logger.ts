import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { LogFields, LogLevel } from './log-events.ts';

/**
 * What the gateway logs to: the part of pino's interface that it uses, so that
 * a host can pass its own. The events and their fields are those of the
 * catalogue.
 */
export type Logger = {
  [Level in LogLevel]: (fields: LogFields<Level>, message: string) => void;
} & {
  /** Lets the limits leave out of account what is not logged. Default: every level is. */
  isLevelEnabled?(level: string): boolean;
};

export interface LoggerOptions {
  readonly level: string;
  /** `pretty` is for eyes, `json` is one object a line. */
  readonly format: 'pretty' | 'json';
}

/** A logger on standard error, which leaves standard output to what the command prints. */
export function createLogger(options: LoggerOptions): Logger {
  const stream =
    options.format === 'pretty'
      ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' })
      : pino.destination({ dest: 2, sync: true });
  return pino({ level: options.level }, stream);
}

/** A logger that says nothing. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
};
