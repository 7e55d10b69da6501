import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Logger } from '../../src/observe/logger.ts';
import { prettyLine } from '../../src/observe/pretty-line.ts';

const time = new Date(2026, 0, 2, 3, 4, 5, 67).getTime();

/** What stands on the terminal for what is logged. */
function pretty(log: (logger: Logger) => void, colours = false): string {
  let text = '';
  const write = (line: string): void => {
    text += prettyLine(line, { colours });
  };
  log(pino({ level: 'debug', timestamp: () => `,"time":${time}` }, { write }));
  return text;
}

describe('a readable line', () => {
  it('has the time, the level, the message and the fields', () => {
    const fields = {
      event: 'gateway.ready',
      version: '1.0',
      url: 'http://a b',
      mqtt: '',
      topics: ['x/{deviceId}', 'y z'],
    } as const;
    expect(pretty((logger) => logger.info(fields, 'ready'))).toBe(
      '03:04:05.067 INFO  ready event=gateway.ready version=1.0 url="http://a b" mqtt="" topics=["x/{deviceId}","y z"]\n',
    );
  });

  it('has colours where it is told to', () => {
    expect(pretty((logger) => logger.warn({ event: 'mqtt.connection_lost' }, 'lost'), true)).toBe(
      '03:04:05.067 \u001b[33mWARN \u001b[0m lost \u001b[90mevent=mqtt.connection_lost\u001b[0m\n',
    );
  });

  it('shows the stack of an error, indented, from level error on', () => {
    const err = new TypeError('why', { cause: new Error('because') });
    err.stack = 'TypeError: why\n    at here';
    (err.cause as Error).stack = 'Error: because\n    at there';
    const fields = { event: 'request.failed', err } as const;
    expect(pretty((logger) => logger.error(fields, 'failed'))).toBe(
      [
        '03:04:05.067 ERROR failed event=request.failed err="why: because"',
        '    TypeError: why',
        '        at here',
        '    caused by: Error: because',
        '        at there',
        '',
      ].join('\n'),
    );
    expect(pretty((logger) => logger.debug(fields, 'failed'))).toBe(
      '03:04:05.067 DEBUG failed event=request.failed err="why: because"\n',
    );
  });

  const hostile = 'a\u001b[2J\u0007\r\nb\u009b31m\u0085c\u202ed\u2066e\u2028f\ud800';

  it('cannot be steered, broken or turned around by text from outside', () => {
    const err = new Error(hostile);
    err.stack = `Error: ${hostile}\n    at ${hostile}`;
    const text = pretty((logger) => {
      logger.warn({ event: 'ingest.rejected', topic: hostile, reason: [hostile] }, hostile);
      logger.error({ event: 'operation.failed', who: hostile, err }, hostile);
    });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(text).toContain('topic="a\\u001b[2J\\u0007\\r\\nb\\u009b31m\\u0085c\\u202ed\\u2066e');
    // Of the stack alone, the lines are lines.
    expect(text.trim().split('\n').slice(2)).toSatisfy((lines: string[]) =>
      lines.every((line) => line.startsWith('    ')),
    );
  });

  it('of another program of the host, without a message, is no error', () => {
    expect(prettyLine(`{"level":35,"time":${time},"n":null}`, { colours: true })).toBe(
      '03:04:05.067 35    \u001b[90mn=null\u001b[0m\n',
    );
  });
});
