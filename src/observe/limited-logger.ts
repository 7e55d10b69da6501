import { entryOf, type LogEvent, type LogLevel } from './log-events.ts';
import { linesDroppedBy, type Logger } from './logger.ts';
import { createRateLimit } from './rate-limit.ts';
import { createTokenBucket } from './token-bucket.ts';

const linesPerSecond = 50;
const burst = 500;
/** The time between two lines of a repeated event, and between two lines that report dropped lines. */
const intervalMs = 10_000;

/** A logger with the limits of the whole gateway, for all of its parts. */
export type LimitedLogger = Logger & {
  /** How many lines these limits and the underlying logger have dropped since the start. */
  readonly linesDropped: number;
  /** Logs what the limits still hold back. */
  close(): void;
};

/**
 * Limits what clients and devices can make the gateway log. A repeated event is logged
 * once per interval, with its count; all other lines below fatal share one budget. So a
 * flood of other lines cannot hide that the MQTT broker is not connected.
 */
export function limitLogger(logger: Logger, now: () => number): LimitedLogger {
  const take = createTokenBucket({ perSecond: linesPerSecond, burst, now });
  const repeated = createRateLimit<(count: number) => void>({
    intervalMs,
    now,
    say: (_event, write, count) => write(count),
  });
  let dropped = 0;
  let untold = 0;
  let timer: NodeJS.Timeout | undefined;

  function drop(): void {
    dropped += 1;
    untold += 1;
    timer ??= setTimeout(tell, intervalMs).unref();
  }

  function tell(): void {
    clearTimeout(timer);
    timer = undefined;
    if (untold === 0) return;
    logger.warn(
      { event: 'log.lines_dropped', dropped: untold, reason: 'RATE' },
      `log lines were dropped: more than ${linesPerSecond} a second`,
    );
    untold = 0;
  }

  function at<Fields extends { readonly event: LogEvent }>(
    level: LogLevel,
    log: (fields: Fields, message: string) => void,
  ): (fields: Fields, message: string) => void {
    return (fields, message) => {
      if (logger.isLevelEnabled?.(level) === false) return;
      if (entryOf(fields.event).isRepeated === true) {
        repeated.event(fields.event, (count) => log({ ...fields, count }, message));
      } else if (level === 'fatal' || take()) {
        log(fields, message);
      } else {
        drop();
      }
    };
  }

  return {
    debug: at('debug', (fields, message) => logger.debug(fields, message)),
    info: at('info', (fields, message) => logger.info(fields, message)),
    warn: at('warn', (fields, message) => logger.warn(fields, message)),
    error: at('error', (fields, message) => logger.error(fields, message)),
    fatal: at('fatal', (fields, message) => logger.fatal(fields, message)),
    get linesDropped() {
      return dropped + linesDroppedBy(logger);
    },
    close() {
      repeated.close();
      tell();
    },
  };
}
