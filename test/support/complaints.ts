import { silentLogger, type Logger } from '../../src/observe/logger.ts';

/** A logger that keeps what an operator would be alarmed by, and nothing else. */
export function keepComplaints(): { readonly logger: Logger; readonly complaints: string[] } {
  const complaints: string[] = [];
  const keep = (_fields: object, message: string): void => {
    complaints.push(message);
  };
  return { logger: { ...silentLogger, warn: keep, error: keep, fatal: keep }, complaints };
}
