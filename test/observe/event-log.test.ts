import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBroker, type Broker } from '../../src/broker/broker.ts';
import { endReasons } from '../../src/kernel/end-reason.ts';
import { createEventLog, type EventLog } from '../../src/observe/event-log.ts';
import { keepLines, type KeptLine } from '../support/kept-lines.ts';
import { createMessages } from '../support/messages.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Started {
  readonly lines: KeptLine[];
  readonly events: EventLog;
  readonly broker: Broker;
  readonly publish: (count: number) => void;
}

/** A broker of which the log tells, with queues of one message. */
function start(): Started {
  const { logger, lines } = keepLines();
  const events = createEventLog(logger, () => performance.now());
  const broker = createBroker({ queueSize: 1, overflow: 'DROP_NEWEST', observer: events });
  const nextMessage = createMessages();
  return {
    lines,
    events,
    broker,
    publish(count) {
      for (let i = 0; i < count; i += 1) broker.publish(nextMessage('a'));
    },
  };
}

describe('a forgotten device', () => {
  it('is one line in 10 s, with how many there were', () => {
    const { events, lines } = start();
    for (let i = 0; i < 5; i += 1) events.deviceForgotten(`device-${i}`);
    vi.advanceTimersByTime(10_000);
    expect(lines.map(({ level, fields }) => ({ level, ...fields }))).toEqual([
      { level: 'info', event: 'device.forgotten', deviceId: 'device-0', count: 1 },
      { level: 'info', event: 'device.forgotten', deviceId: 'device-4', count: 4 },
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
        fields: { event: 'ingest.rejected', reason: 'NOT_JSON', topic: 'devices/a', count: 1 },
        message: 'messages rejected',
      },
    ]);
  });

  it('is one line for a reason in 10 s, which says how many there were', () => {
    const { events, lines } = start();
    for (let i = 0; i < 5; i += 1) events.messageRejected('NOT_JSON', 'devices/a');
    events.messageRejected('EMPTY', 'devices/a');
    vi.advanceTimersByTime(9_999);
    events.messageRejected('NOT_JSON', 'devices/b');
    expect(lines.map(({ fields }) => [fields['reason'], fields['count']])).toEqual([
      ['NOT_JSON', 1],
      ['EMPTY', 1],
    ]);
    vi.advanceTimersByTime(1);
    expect(lines.slice(2).map(({ fields }) => fields)).toEqual([
      { event: 'ingest.rejected', reason: 'NOT_JSON', topic: 'devices/b', count: 5 },
    ]);
  });

  it('tells 200 characters of a topic at most', () => {
    const { events, lines } = start();
    events.messageRejected('BAD_DEVICE_ID', 'x'.repeat(60_000));
    expect(lines[0]!.fields['topic']).toBe('x'.repeat(200));
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
          event: 'subscription.dropped',
          who: 'a slow one',
          reason: 'QUEUE_OVERFLOW',
          overflow: 'DROP_NEWEST',
          maxQueued: 1,
          dropped: 1,
        },
        message: 'messages dropped: the subscriber reads too slowly',
      },
    ]);
  });

  it('is one line for a connection in 10 s, with the sum over its subscriptions', () => {
    const { broker, publish, lines } = start();
    for (let i = 0; i < 100; i += 1) broker.subscribe({ deviceIds: ['a'], who: 'one socket' });
    publish(3);
    expect(lines.map(({ fields }) => fields['dropped'])).toEqual([1]);
    vi.advanceTimersByTime(10_000);
    expect(lines.map(({ fields }) => fields['dropped'])).toEqual([1, 199]);
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(2);
  });

  it('counts every message that was not kept', () => {
    const { broker, events, lines } = start();
    const subscription = broker.subscribe({ deviceIds: ['a'], who: 'a late one' });
    subscription.missed('a', 'HISTORY_EXPIRED', 70);
    subscription.missed('a', 'HISTORY_EXPIRED', 30);
    events.close();
    expect(lines.map(({ fields, message }) => [fields['dropped'], message])).toEqual([
      [70, 'messages dropped: they were not kept until the subscriber came for them'],
      [30, 'messages dropped: they were not kept until the subscriber came for them'],
    ]);
  });

  it('of one client does not silence another', () => {
    const { broker, publish, lines } = start();
    broker.subscribe({ deviceIds: ['a'], who: 'one' });
    broker.subscribe({ deviceIds: ['a'], who: 'other' });
    publish(3);
    expect(lines.map(({ fields }) => fields['who'])).toEqual(['one', 'other']);
  });

  it('costs one line and no memory for clients beyond the first thousand in 10 s', () => {
    const { broker, publish, lines } = start();
    for (let i = 0; i < 3_000; i += 1) broker.subscribe({ deviceIds: ['a'], who: `client ${i}` });
    publish(2);
    expect(lines).toHaveLength(1_001);
    vi.advanceTimersByTime(10_000);
    expect(lines.slice(1_001).map(({ fields: { who, dropped } }) => [who, dropped])).toEqual([
      ['others', 1_999],
    ]);
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
    const fields = {
      event: 'subscription.ended',
      who: 'a client',
      reason,
      devices: 1,
      dropped: 2,
    };
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
      fields: { event: 'subscription.end_untold', who: 'a client', err: error },
      message: 'the end of a subscription could not be told',
    });
  });
});
