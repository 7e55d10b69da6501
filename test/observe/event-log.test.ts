import { describe, expect, it } from 'vitest';
import { createBroker, type Broker } from '../../src/broker/broker.ts';
import { endReasons } from '../../src/broker/end-reason.ts';
import { createEventLog, type EventLog } from '../../src/observe/event-log.ts';
import type { Logger } from '../../src/observe/logger.ts';
import { createMessages } from '../support/messages.ts';

interface Line {
  readonly level: string;
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

interface Started {
  clock: number;
  readonly lines: Line[];
  readonly events: EventLog;
  readonly broker: Broker;
  readonly publish: (count: number) => void;
}

/** A broker of which the log tells, with queues of one message and a clock that stands. */
function start(): Started {
  const lines: Line[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...fields }, message });
  };
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
  };
  const events = createEventLog(logger, () => started.clock);
  const broker = createBroker({ queueSize: 1, overflow: 'DROP_NEWEST', observer: events });
  const nextMessage = createMessages();
  const started: Started = {
    clock: 1_000_000,
    lines,
    events,
    broker,
    publish(count) {
      for (let i = 0; i < count; i += 1) broker.publish(nextMessage('a'));
    },
  };
  return started;
}

describe('a forgotten device', () => {
  it('is one line in 10 s, with how many there were', () => {
    const started = start();
    for (let i = 0; i < 5; i += 1) started.events.deviceForgotten(`device-${i}`);
    started.clock += 10_000;
    started.events.deviceForgotten('device-5');
    expect(started.lines.map(({ level, fields }) => ({ level, ...fields }))).toEqual([
      { level: 'info', deviceId: 'device-0', count: 1 },
      { level: 'info', deviceId: 'device-5', count: 5 },
    ]);
  });
});

describe('a rejection', () => {
  it('is one warning with the reason and the topic', () => {
    const { events, lines } = start();
    events.messageRejected('NOT_JSON', 'devices/a');
    expect(lines).toEqual([
      {
        level: 'warn',
        fields: { reason: 'NOT_JSON', topic: 'devices/a', count: 1 },
        message: 'messages rejected',
      },
    ]);
  });

  it('is one line for a reason in 10 s, which says how many there were', () => {
    const started = start();
    const { events, lines } = started;
    for (let i = 0; i < 5; i += 1) events.messageRejected('NOT_JSON', 'devices/a');
    events.messageRejected('EMPTY', 'devices/a');
    started.clock += 9_999;
    events.messageRejected('NOT_JSON', 'devices/a');
    expect(lines.map(({ fields }) => [fields.reason, fields.count])).toEqual([
      ['NOT_JSON', 1],
      ['EMPTY', 1],
    ]);
    started.clock += 1;
    events.messageRejected('NOT_JSON', 'devices/b');
    expect(lines.at(-1)!.fields).toEqual({ reason: 'NOT_JSON', topic: 'devices/b', count: 6 });
  });

  it('tells 200 characters of a topic at most', () => {
    const { events, lines } = start();
    events.messageRejected('BAD_DEVICE_ID', 'x'.repeat(60_000));
    expect(lines[0]!.fields.topic).toBe('x'.repeat(200));
  });
});

describe('a drop', () => {
  it('is a warning that says who reads too slowly', () => {
    const { broker, publish, lines } = start();
    broker.subscribe({ deviceIds: ['a', 'b'], who: 'a slow one' });
    publish(2);
    expect(lines).toEqual([
      {
        level: 'warn',
        fields: {
          who: 'a slow one',
          reason: 'QUEUE_OVERFLOW',
          overflow: 'DROP_NEWEST',
          maxQueued: 1,
          devices: 2,
          dropped: 1,
          droppedInAll: 1,
        },
        message: 'messages dropped: the subscriber reads too slowly',
      },
    ]);
  });

  it('is one line for a subscription in 10 s, which says how many there were', () => {
    const started = start();
    const { broker, publish, lines } = started;
    broker.subscribe({ deviceIds: ['a'] });
    publish(5);
    started.clock += 9_999;
    publish(1);
    expect(lines).toHaveLength(1);
    started.clock += 1;
    publish(1);
    expect(lines[1]!.fields).toMatchObject({ dropped: 5, droppedInAll: 6 });
    started.clock += 10_000;
    publish(2);
    expect(lines[2]!.fields).toMatchObject({ dropped: 1, droppedInAll: 7 });
    expect(lines).toHaveLength(3);
  });

  it('of one subscription does not silence another', () => {
    const { broker, publish, lines } = start();
    broker.subscribe({ deviceIds: ['a'], who: 'one' });
    broker.subscribe({ deviceIds: ['a'], who: 'other' });
    publish(3);
    expect(lines.map(({ fields }) => fields.who)).toEqual(['one', 'other']);
  });
});

describe('the end of a subscription', () => {
  it.each(endReasons)('for %s is one line with the reason and its drops', (reason) => {
    const { broker, publish, lines } = start();
    const subscription = broker.subscribe({ deviceIds: ['a'], who: 'a client' });
    publish(3);
    lines.length = 0;
    const error = new Error('why');
    subscription.end(reason, error);
    subscription.end('INTERNAL_ERROR');
    const level = { INTERNAL_ERROR: 'error', SLOW_CONSUMER: 'warn' }[reason as string] ?? 'debug';
    const fields = { who: 'a client', reason, devices: 1, dropped: 2 };
    expect(lines).toEqual([
      {
        level,
        fields: reason === 'INTERNAL_ERROR' ? { ...fields, err: error } : fields,
        message: 'subscription ended',
      },
    ]);
  });

  it('is told when its sink fails', () => {
    const { broker, lines } = start();
    const error = new Error('why');
    const subscription = broker.subscribe({ deviceIds: ['a'], who: 'a client' });
    subscription.attach({
      writable: true,
      write() {},
      end() {
        throw error;
      },
    });
    subscription.end('CLIENT_COMPLETED');
    expect(lines.at(-1)).toEqual({
      level: 'error',
      fields: { who: 'a client', err: error },
      message: 'the end of a subscription could not be told',
    });
  });
});
