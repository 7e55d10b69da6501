/** What `Logger` takes: `tsc` checks this file, and nothing runs it. */
import type { Logger } from '../../src/observe/logger.ts';

export function logs(logger: Logger): void {
  logger.warn({ event: 'ingest.rejected', reason: 'EMPTY', count: 1 }, 'messages rejected');
  // @ts-expect-error -- without an event
  logger.warn({ reason: 'EMPTY' }, 'messages rejected');
  // @ts-expect-error -- an event that is not in the catalogue
  logger.warn({ event: 'ingest.refused' }, 'messages rejected');
  // @ts-expect-error -- at a level that the catalogue does not give it
  logger.error({ event: 'ingest.rejected' }, 'messages rejected');
  // @ts-expect-error -- a field that the catalogue does not have
  logger.warn({ event: 'ingest.rejected', device: 'a' }, 'messages rejected');
}
