import { logLevels } from '../../src/observe/log-events.ts';
import type { Logger } from '../../src/observe/logger.ts';

export interface KeptLine {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger that keeps what it is told, and what it was told. */
export function keepLines(): { readonly logger: Logger; readonly lines: KeptLine[] } {
  const lines: KeptLine[] = [];
  const methods = logLevels.map((level) => [
    level,
    (fields: object, message: string) => void lines.push({ level, fields: { ...fields }, message }),
  ]);
  return { logger: Object.fromEntries(methods) as Logger, lines };
}
