import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { limitLogger, type LimitedLogger } from '../../src/observe/limited-logger.ts';
import { keepLines, type KeptLine } from '../support/kept-lines.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(enabled: (level: string) => boolean = () => true): {
  readonly limited: LimitedLogger;
  readonly lines: KeptLine[];
} {
  const { logger, lines } = keepLines();
  const limited = limitLogger({ ...logger, isLevelEnabled: enabled }, () => performance.now());
  return { limited, lines };
}

function end(limited: LimitedLogger, count: number): void {
  for (let i = 0; i < count; i += 1) {
    limited.debug({ event: 'subscription.ended', who: `client ${i}` }, 'subscription ended');
  }
}

describe('the lines of a gateway', () => {
  it('pass in a burst of 500, and then 50 a second; one line says how many did not', () => {
    const { limited, lines } = start();
    end(limited, 600);
    expect(lines).toHaveLength(500);
    expect(limited.linesDropped).toBe(100);
    vi.advanceTimersByTime(1_000);
    end(limited, 60);
    expect(lines).toHaveLength(550);
    vi.advanceTimersByTime(9_000);
    expect(lines.slice(550)).toEqual([
      {
        level: 'warn',
        fields: { event: 'log.lines_dropped', dropped: 110, reason: 'RATE' },
        message: 'log lines were dropped: more than 50 a second',
      },
    ]);
    expect(limited.linesDropped).toBe(110);
  });

  it('of level fatal always pass', () => {
    const { limited, lines } = start();
    end(limited, 600);
    limited.fatal({ event: 'gateway.crashed' }, 'an unexpected error ends the gateway');
    expect(lines.at(-1)).toMatchObject({ level: 'fatal' });
  });

  it('cost nothing at a level that is not logged', () => {
    const { limited, lines } = start((level) => level !== 'debug');
    end(limited, 600);
    limited.warn({ event: 'subscription.dropped' }, 'messages dropped');
    expect(lines.map(({ level }) => level)).toEqual(['warn']);
    expect(limited.linesDropped).toBe(0);
  });

  it('of a repeated event are one in 10 s, with their count and the newest fields', () => {
    const { limited, lines } = start();
    for (const code of ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND']) {
      limited.warn({ event: 'mqtt.connection_failed', code }, 'MQTT connection failed');
    }
    limited.warn({ event: 'mqtt.connection_lost' }, 'MQTT connection lost');
    vi.advanceTimersByTime(10_000);
    expect(lines.map(({ fields }) => fields)).toEqual([
      { event: 'mqtt.connection_failed', code: 'ECONNREFUSED', count: 1 },
      { event: 'mqtt.connection_lost', count: 1 },
      { event: 'mqtt.connection_failed', code: 'ENOTFOUND', count: 2 },
    ]);
    expect(limited.linesDropped).toBe(0);
  });

  it('of a repeated event pass a flood of others', () => {
    const { limited, lines } = start();
    end(limited, 600);
    limited.warn({ event: 'mqtt.connection_lost' }, 'MQTT connection lost');
    expect(lines.at(-1)!.fields).toMatchObject({ event: 'mqtt.connection_lost' });
    expect(limited.linesDropped).toBe(100);
  });

  it('that are held back are told at the end, and no timer stays', () => {
    const { limited, lines } = start();
    for (let i = 0; i < 3; i += 1) {
      limited.info({ event: 'connection.unanswered', who: `client ${i}` }, 'given up');
    }
    end(limited, 600);
    limited.close();
    expect(lines.slice(501).map(({ fields }) => fields)).toEqual([
      { event: 'connection.unanswered', who: 'client 2', count: 2 },
      { event: 'log.lines_dropped', dropped: 100, reason: 'RATE' },
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that the logger behind it could not write are counted as well', () => {
    const { logger } = keepLines();
    const behind = { ...logger, linesDropped: 7 };
    const limited = limitLogger(behind, () => performance.now());
    end(limited, 501);
    expect(limited.linesDropped).toBe(8);
    limited.close();
  });
});
