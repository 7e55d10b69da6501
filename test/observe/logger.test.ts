import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createLogger } from '../../src/observe/logger.ts';

it('writes a fatal line also behind as much as may wait, and then how many lines are missing', async () => {
  const stream = new PassThrough();
  const logger = createLogger({ level: 'info', format: 'json', stream });
  const url = 'x'.repeat(1_000);
  while (logger.linesDropped < 10) logger.info({ event: 'gateway.listening', url }, 'listening');
  logger.fatal({ event: 'gateway.crashed' }, 'an unexpected error ends the gateway');
  expect(logger.linesDropped).toBe(10);

  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  expect(await logger.flush(30_000)).toBe(true);
  const lines = text.trim().split('\n');
  expect(lines.slice(-2).map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { event: 'gateway.crashed' },
    { event: 'log.lines_dropped', dropped: 10, reason: 'UNREAD' },
  ]);
  expect(text.length).toBeLessThan(1.1 * 1024 * 1024);
});
