import { setTimeout as delay } from 'node:timers/promises';
import {
  ConfigurationError,
  readSettings,
  unknownVariables,
  type Settings,
  type SettingSources,
  type UnknownVariable,
} from '../config.ts';
import type { Gateway } from '../gateway.ts';
import { createLogger, type Logger, type OutputLogger } from '../observe/logger.ts';
import { connectionsWithin, maxOpenFiles } from '../observe/open-files.ts';
import { addressesOf, welcome } from './addresses.ts';
import { exitCodes } from './command-error.ts';
import { explainStartFailure } from './start-failure.ts';

/** How long a gateway that met an unexpected error may take to close. */
const crashGraceMs = 5_000;
/** How long the process waits at its end for whoever reads the log. */
const flushMs = 1_000;

/** Runs a gateway until a signal ends it. */
export async function serve(flags: SettingSources['flags']): Promise<void> {
  const unknown = unknownVariables(process.env);
  let settings: Settings;
  try {
    settings = readSettings({ env: process.env, flags });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    fail([...unknown.map(warningOf), error.message].join('\n'), exitCodes.wrongUse);
    return;
  }
  const logger = createLogger({ level: settings.logLevel, format: settings.logFormat });
  for (const variable of unknown) {
    logger.warn({ event: 'setting.unknown', variable: variable.name }, warningOf(variable));
  }

  // Only now: a wrong setting is told without loading the servers.
  const { createGateway } = await import('../gateway.ts');
  const maxConnections = connectionsWithin(settings.maxConnections, maxOpenFiles());
  if (maxConnections < settings.maxConnections) {
    logger.warn(
      { event: 'gateway.open_files_low', maxOpenFiles: maxOpenFiles(), maxConnections },
      `the limit of open files leaves room for ${maxConnections} connections, and SLUICE_MAX_CONNECTIONS is ${settings.maxConnections}`,
    );
  }
  const gateway = createGateway({ ...settings, maxConnections, logger });
  endOnCrash(gateway, logger);
  const isEnding = endOnSignal(gateway, logger);
  try {
    await gateway.start();
  } catch (error) {
    if (isEnding()) return;
    logger.debug({ event: 'gateway.start_failed', err: error }, 'the gateway could not start');
    fail(explainStartFailure(error, settings));
    await gateway.close();
    await end(logger);
    return;
  }
  if (!isEnding()) greet(gateway, logger);
}

function warningOf({ name, suggestion }: UnknownVariable): string {
  const hint = suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
  return `${name} is no setting and has no effect${hint}`;
}

function fail(message: string, exitCode: number = exitCodes.failed): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = exitCode;
}

/** The process ends by itself, unless lines wait for a reader of the log that does not come. */
async function end(logger: OutputLogger): Promise<void> {
  if (!(await logger.flush(flushMs))) process.exit();
}

/** For a person; programs read the log. */
function greet(gateway: Gateway, logger: Logger): void {
  if (!process.stdout.isTTY && gateway.settings.logFormat === 'json') return;
  // Whoever reads it may go away, as head does. The gateway goes on.
  process.stdout.on('error', (error) => {
    logger.debug(
      { event: 'gateway.output_unread', err: error },
      'nobody reads the standard output',
    );
  });
  process.stdout.write(welcome(addressesOf(gateway)));
}

/** The first signal closes the gateway, after which the process ends by itself; the second one ends it at once. */
function endOnSignal(gateway: Gateway, logger: OutputLogger): () => boolean {
  let isEnding = false;
  async function close(delayMs: number): Promise<void> {
    try {
      gateway.announceShutdown();
      if (delayMs > 0) await delay(delayMs);
      await gateway.close();
    } catch (error) {
      logger.fatal({ event: 'gateway.close_failed', err: error }, 'the gateway could not close');
      process.exitCode = 1;
    }
    await end(logger);
  }
  const onSignal = (signal: NodeJS.Signals, number: number): void => {
    if (isEnding) process.exit(128 + number);
    isEnding = true;
    const { shutdownDelayMs: delayMs } = gateway.settings;
    logger.info(
      { event: 'gateway.closing', signal, delayMs },
      'closing; a second signal ends the process at once',
    );
    void close(delayMs);
  };
  process.on('SIGINT', () => onSignal('SIGINT', 2));
  process.on('SIGTERM', () => onSignal('SIGTERM', 15));
  return () => isEnding;
}

/** Unhandled rejections arrive here, too: Node.js raises them as uncaught exceptions. */
function endOnCrash(gateway: Gateway, logger: OutputLogger): void {
  let isCrashing = false;
  async function crash(error: unknown): Promise<void> {
    logger.fatal({ event: 'gateway.crashed', err: error }, 'an unexpected error ends the gateway');
    if (isCrashing) return;
    isCrashing = true;
    process.exitCode = 1;
    setTimeout(exitAsFailed, crashGraceMs).unref();
    try {
      await gateway.close();
    } catch (closeError) {
      logger.fatal(
        { event: 'gateway.close_failed', err: closeError },
        'the gateway could not close',
      );
    }
    await logger.flush(flushMs);
    // What is left of the process is not to be trusted to end by itself.
    exitAsFailed();
  }
  process.on('uncaughtException', (error: unknown) => void crash(error));
}

function exitAsFailed(): void {
  process.exit(1);
}
