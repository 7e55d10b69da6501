import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBroker, type Broker, type SubscribeRequest } from '../../src/broker/broker.ts';
import type { Sink } from '../../src/broker/sink.ts';
import type { QueuedSubscription } from '../../src/broker/queued-subscription.ts';
import type { DeviceMessage, Gap } from '../../src/kernel/device-message.ts';
import { createMemoryLog } from '../../src/log/memory-log.ts';
import { arrivalOf } from '../support/arrival.ts';
import { told } from '../support/messages.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setImmediate', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

class Client implements Sink {
  readonly subscription: QueuedSubscription;
  /** When each message came, and which. */
  readonly got: string[] = [];
  writable = true;

  constructor(broker: Broker, request: SubscribeRequest) {
    this.subscription = broker.subscribe(request);
    this.subscription.attach(this);
  }

  write(message: DeviceMessage, gap: Gap | null): void {
    this.got.push(told(gap === null ? message : { ...message, gap }));
  }

  end(): void {
    // The counters tell.
  }

  /** What has come since this was last asked. */
  get news(): string[] {
    return this.got.splice(0);
  }
}

function open(): {
  broker: Broker;
  interrupt: () => void;
  publish: (deviceId: string, count?: number) => void;
  subscribe: (request?: Partial<SubscribeRequest>) => Client;
} {
  const log = createMemoryLog({ maxDevices: 100, historySize: 10, epoch: 'e' });
  const broker = createBroker({ queueSize: 3, overflow: 'DROP_NEWEST', history: log });
  return {
    broker,
    interrupt: () => log.interrupt('all'),
    publish(deviceId, count = 1) {
      for (let i = 0; i < count; i += 1) {
        broker.publish(log.append(arrivalOf(deviceId))!);
      }
    },
    subscribe: (request = {}) =>
      new Client(broker, { deviceIds: ['a'], minIntervalMs: 200, ...request }),
  };
}

/** Beyond the end of the interval, by as much as it may be late. */
function anInterval(): void {
  vi.advanceTimersByTime(220);
}

describe('a subscription that takes one message in an interval', () => {
  it('gets the first at once, and then the newest of each interval with what it stands for', () => {
    const { publish, subscribe } = open();
    const client = subscribe();
    publish('a', 5);
    expect(client.news).toEqual(['a1']);
    anInterval();
    expect(client.news).toEqual(['a5 after 3 CONFLATED']);
    publish('a', 3);
    expect(client.news).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(client.news).toEqual(['a8 after 2 CONFLATED']);
  });

  it('is told that the source was interrupted, also by a message that it does not get', () => {
    const { publish, subscribe, interrupt } = open();
    const client = subscribe();
    publish('a');
    interrupt();
    const later = subscribe();
    publish('a', 3);
    anInterval();
    publish('a');
    anInterval();
    expect(client.news).toEqual(['a1', 'a4 after null SOURCE_INTERRUPTED', 'a5']);
    expect(later.news).toEqual(['a4 after 2 CONFLATED', 'a5']);
  });

  it('is told of an interruption that was before it was opened when it resumes from before that', () => {
    const { publish, subscribe, interrupt } = open();
    publish('a');
    interrupt();
    const client = subscribe({ after: [{ deviceId: 'a', position: 'e-1' }] });
    publish('a');
    expect(client.news).toEqual(['a2 after null SOURCE_INTERRUPTED']);
  });

  it('gets the next at once when an interval was quiet', () => {
    const { publish, subscribe } = open();
    const client = subscribe();
    publish('a');
    anInterval();
    anInterval();
    expect(client.news).toEqual(['a1']);
    publish('a');
    expect(client.news).toEqual(['a2']);
  });

  it('gets five a second of a device that sends a thousand, for as long as that goes on', () => {
    const { publish, subscribe } = open();
    const client = subscribe();
    for (let i = 0; i < 10_000; i += 1) {
      publish('a');
      vi.advanceTimersByTime(1);
    }
    expect(client.got.length).toBeGreaterThanOrEqual(50);
    expect(client.got.length).toBeLessThanOrEqual(51);
  });

  it('has an interval for each device', () => {
    const { publish, subscribe } = open();
    const client = subscribe({ deviceIds: ['a', 'b'] });
    publish('a', 2);
    publish('b', 2);
    expect(client.news).toEqual(['a1', 'b1']);
    anInterval();
    expect(client.news).toEqual(['a2', 'b2']);
  });

  it('does not see what was before it, when it joins others', () => {
    const { publish, subscribe } = open();
    const first = subscribe();
    publish('a', 3);
    const second = subscribe();
    publish('a', 2);
    anInterval();
    expect(first.news).toEqual(['a1', 'a5 after 3 CONFLATED']);
    expect(second.news).toEqual(['a5 after 1 CONFLATED']);
  });

  it('leaves those alone that take everything, or another interval', () => {
    const { publish, subscribe } = open();
    const all = subscribe({ minIntervalMs: 0 });
    const seldom = subscribe({ minIntervalMs: 1_000 });
    const client = subscribe();
    publish('a', 2);
    anInterval();
    expect(all.news).toEqual(['a1', 'a2']);
    expect(client.news).toEqual(['a1', 'a2']);
    expect(seldom.news).toEqual(['a1']);
    vi.advanceTimersByTime(1_000);
    expect(seldom.news).toEqual(['a2']);
  });

  it('accounts for every message, whenever it ends', () => {
    const { broker, publish, subscribe } = open();
    const client = subscribe();
    publish('a', 10);
    anInterval();
    publish('a', 4);
    client.subscription.end('CLIENT_COMPLETED');
    const { conflated, dropped } = broker.counters;
    const { delivered } = broker.counters.byTransport.library;
    expect({ delivered, conflated, ended: dropped.SUBSCRIPTION_ENDED }).toEqual({
      delivered: 2,
      conflated: 8 + 3,
      ended: 1,
    });
    expect(broker.devicesMonitored).toBe(0);
    publish('a', 2);
    anInterval();
    expect(broker.counters.byTransport.library.delivered).toBe(2);
  });

  it('queues what it is handed while it is stalled', () => {
    const { broker, publish, subscribe } = open();
    const client = subscribe();
    client.writable = false;
    for (let i = 0; i < 5; i += 1) {
      publish('a', 2);
      anInterval();
    }
    expect(broker.counters.queued).toBe(3);
    client.writable = true;
    client.subscription.feedSink();
    expect(client.news).toEqual(['a1', 'a2', 'a4 after 1 CONFLATED']);
    publish('a', 1);
    anInterval();
    expect(client.news).toEqual(['a11 after 6 QUEUE_OVERFLOW']);
  });

  it('gets the newest of what it missed when it resumes, and is told of the rest', () => {
    const { publish, subscribe } = open();
    publish('a', 20);
    const client = subscribe({ after: [{ deviceId: 'a', position: 'e-5' }] });
    vi.advanceTimersByTime(0);
    vi.runAllTicks();
    vi.advanceTimersByTime(1);
    expect(client.news).toEqual(['a20 after 14 HISTORY_EXPIRED']);
    publish('a', 2);
    anInterval();
    expect(client.news).toEqual(['a21', 'a22']);
  });

  it.each([-1, 0.5, 86_400_001])('is refused with %d', (minIntervalMs) => {
    expect(() => open().subscribe({ minIntervalMs })).toThrow(/minIntervalMs must be/);
  });
});
