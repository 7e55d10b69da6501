import { pino } from 'pino';
import pretty from 'pino-pretty';

/**
 * What the gateway logs to: the part of pino's interface that it uses, so that
 * a host can pass its own.
 */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  fatal(fields: object, message: string): void;
}

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
