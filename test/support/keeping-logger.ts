import { silentLogger, type Logger } from '../../src/observe/logger.ts';

export interface KeepingLogger extends Logger {
  readonly told: readonly { readonly message: string; readonly fields: object }[];
}

/** A logger that keeps what it is told, from level info on. */
export function keepingLogger(): KeepingLogger {
  const told: { message: string; fields: object }[] = [];
  const keep = (fields: object, message: string): void => {
    told.push({ message, fields });
  };
  return { ...silentLogger, told, info: keep, warn: keep, error: keep };
}
