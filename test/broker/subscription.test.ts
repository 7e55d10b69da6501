import { describe, expect, it } from 'vitest';
import { createBroker, type Broker } from '../../src/broker/broker.ts';
import { createCounters } from '../../src/metrics/counters.ts';
import type { EndReason } from '../../src/kernel/end-reason.ts';
import { SlowConsumerError } from '../../src/broker/errors.ts';
import { overflowPolicies, type OverflowPolicy } from '../../src/broker/overflow-policy.ts';
import type { Sink } from '../../src/broker/sink.ts';
import { QueuedSubscription, type SubscriptionHost } from '../../src/broker/queued-subscription.ts';
import { libraryCaller } from '../../src/kernel/caller.ts';
import type { DeviceMessage, Gap } from '../../src/kernel/device-message.ts';
import { createMessages, told } from '../support/messages.ts';
import { settlesInThisTurn } from '../support/turn.ts';
import { behavesAsSubscription, type Origin } from './subscription-laws.ts';

describe.each(overflowPolicies)('a subscription of a broker under %s', (overflow) => {
  behavesAsSubscription((): Origin => {
    const broker = createBroker({ queueSize: 8, overflow });
    const nextMessage = createMessages();
    return {
      subscribe: (...deviceIds) => broker.subscribe({ deviceIds }),
      publish(deviceId) {
        const message = nextMessage(deviceId);
        broker.publish(message);
        return message;
      },
      fail: (error) => broker.close('INTERNAL_ERROR', error),
      get open() {
        return broker.counters.byTransport.library.activeSubscribers;
      },
    };
  });
});

describe.each(overflowPolicies)('a subscription by itself under %s', (overflow) => {
  behavesAsSubscription((): Origin => {
    const nextMessage = createMessages();
    const opened = new Set<QueuedSubscription>();
    const host: SubscriptionHost = {
      counters: createCounters(),
      closed: (subscription) => opened.delete(subscription),
      droppedBy: () => {},
      replays: () => {},
      sinkFailed: () => {},
    };
    return {
      subscribe(...deviceIds) {
        const options = {
          deviceIds,
          overflow,
          maxQueued: 8,
          minIntervalMs: 0,
          caller: libraryCaller('test'),
          interruption: 0,
          starts: deviceIds.map(() => ({ epoch: 'e', sequence: 0 })),
          catchUp: null,
        };
        const subscription = new QueuedSubscription(host, options);
        opened.add(subscription);
        return subscription;
      },
      publish(deviceId) {
        const message = nextMessage(deviceId);
        for (const subscription of opened) {
          if (subscription.deviceIds.includes(deviceId)) subscription.push(message);
        }
        return message;
      },
      fail(error) {
        for (const subscription of opened) subscription.end('INTERNAL_ERROR', error);
      },
      get open() {
        return opened.size;
      },
    };
  });
});

/** A broker with one subscription to the devices a to e, whose queue holds three messages. */
function open(overflow: OverflowPolicy): {
  broker: Broker;
  subscription: QueuedSubscription;
  /** Publishes one message of each of these devices, in this order: `publish('a b a')`. */
  publish: (deviceIds: string) => void;
  /** Pulls what is queued. */
  pull: (count?: number) => Promise<string[]>;
} {
  const broker = createBroker({ queueSize: 3, overflow });
  const nextMessage = createMessages();
  const subscription = broker.subscribe({ deviceIds: ['a', 'b', 'c', 'd', 'e'] });
  return {
    broker,
    subscription,
    publish(deviceIds) {
      for (const deviceId of deviceIds.split(' ')) broker.publish(nextMessage(deviceId));
    },
    async pull(count = subscription.queued) {
      const pulled: string[] = [];
      for (let i = 0; i < count; i += 1) pulled.push(told((await subscription.next()).value!));
      return pulled;
    },
  };
}

describe('DROP_NEWEST', () => {
  it('keeps what is queued and refuses what comes when it is full', async () => {
    const { broker, publish, pull } = open('DROP_NEWEST');
    publish('a a a a a');
    expect(broker.counters).toMatchObject({
      byTransport: { library: { delivered: 0 } },
      processed: 5,
      conflated: 0,
      queued: 3,
      dropped: { QUEUE_OVERFLOW: 2, SUBSCRIPTION_ENDED: 0 },
    });
    expect(await pull()).toEqual(['a1', 'a2', 'a3']);
    expect(broker.counters).toMatchObject({
      byTransport: { library: { delivered: 3 } },
      queued: 0,
    });
  });

  it('tells the loss with the first message that it accepts after it, and once', async () => {
    const { publish, pull } = open('DROP_NEWEST');
    publish('a a a a a');
    await pull();
    publish('a a');
    expect(await pull()).toEqual(['a6 after 2 QUEUE_OVERFLOW', 'a7']);
  });

  it('never tells a loss with a message that is older than it', async () => {
    const { publish, pull } = open('DROP_NEWEST');
    publish('a a a a');
    expect(await pull(1)).toEqual(['a1']);
    publish('a a a');
    expect(await pull()).toEqual(['a2', 'a3', 'a5 after 1 QUEUE_OVERFLOW']);
    publish('a');
    expect(await pull()).toEqual(['a8 after 2 QUEUE_OVERFLOW']);
  });

  it('keeps the gaps of several queued messages apart', async () => {
    const { publish, pull } = open('DROP_NEWEST');
    publish('a a a a');
    await pull(1);
    publish('a a a');
    await pull(1);
    publish('a a');
    expect(await pull()).toEqual(['a3', 'a5 after 1 QUEUE_OVERFLOW', 'a8 after 2 QUEUE_OVERFLOW']);
  });

  it('counts the loss of each device by itself', async () => {
    const { publish, pull } = open('DROP_NEWEST');
    publish('a a a b a b b');
    await pull();
    publish('c b a');
    expect(await pull()).toEqual(['c1', 'b4 after 3 QUEUE_OVERFLOW', 'a5 after 1 QUEUE_OVERFLOW']);
  });

  it('tells the loss to a next() that is already waiting', async () => {
    const { subscription, publish, pull } = open('DROP_NEWEST');
    publish('a a a a');
    await pull();
    const waiting = subscription.next();
    publish('a');
    expect(told((await waiting).value!)).toBe('a5 after 1 QUEUE_OVERFLOW');
  });
});

describe('DROP_OLDEST', () => {
  it('makes room for what comes when it is full', async () => {
    const { broker, publish, pull } = open('DROP_OLDEST');
    publish('a a a a a');
    expect(broker.counters).toMatchObject({
      queued: 3,
      conflated: 0,
      dropped: { QUEUE_OVERFLOW: 2, SUBSCRIPTION_ENDED: 0 },
    });
    expect(await pull()).toEqual(['a3 after 2 QUEUE_OVERFLOW', 'a4', 'a5']);
  });

  it('tells the loss in a copy, and leaves the message that others share as it was', async () => {
    const broker = createBroker({ queueSize: 1, overflow: 'DROP_OLDEST' });
    const nextMessage = createMessages();
    const subscription = broker.subscribe({ deviceIds: ['a'] });
    broker.publish(nextMessage('a'));
    const message = nextMessage('a');
    broker.publish(message);
    expect((await subscription.next()).value).toEqual({
      ...message,
      gap: { missed: 1, reason: 'QUEUE_OVERFLOW' },
    });
    expect(message).not.toHaveProperty('gap');
  });

  it('tells the loss with the oldest message of the device that is left', async () => {
    const { publish, pull } = open('DROP_OLDEST');
    publish('a b a b');
    expect(await pull()).toEqual(['b1', 'a2 after 1 QUEUE_OVERFLOW', 'b2']);
  });

  it('tells the loss of a device that has nothing left in the queue with its next message', async () => {
    const { publish, pull } = open('DROP_OLDEST');
    publish('a b b b c c c');
    expect(await pull()).toEqual(['c1', 'c2', 'c3']);
    publish('b a a');
    expect(await pull()).toEqual(['b4 after 3 QUEUE_OVERFLOW', 'a2 after 1 QUEUE_OVERFLOW', 'a3']);
  });

  it('adds further losses to one that was not told', async () => {
    const { publish, pull } = open('DROP_OLDEST');
    publish('a a a a');
    publish('a a');
    expect(await pull(1)).toEqual(['a4 after 3 QUEUE_OVERFLOW']);
    publish('a a');
    expect(await pull()).toEqual(['a6 after 1 QUEUE_OVERFLOW', 'a7', 'a8']);
  });
});

describe('LATEST', () => {
  it('keeps every message until it is full', async () => {
    const { broker, publish, pull } = open('LATEST');
    publish('a a a');
    expect(broker.counters.conflated).toBe(0);
    expect(await pull()).toEqual(['a1', 'a2', 'a3']);
  });

  it('keeps the newest message of each device from then on', async () => {
    const { broker, publish, pull } = open('LATEST');
    publish('a b a a');
    expect(broker.counters).toMatchObject({
      queued: 2,
      conflated: 2,
      dropped: { QUEUE_OVERFLOW: 0, SUBSCRIPTION_ENDED: 0 },
    });
    expect(await pull()).toEqual(['b1', 'a3 after 2 CONFLATED']);
  });

  it('delivers the newest messages in the order in which they came', async () => {
    const { publish, pull } = open('LATEST');
    publish('a b c a b');
    expect(await pull()).toEqual(['c1', 'a2 after 1 CONFLATED', 'b2 after 1 CONFLATED']);
  });

  it('goes on conflating until it was empty', async () => {
    const { publish, pull } = open('LATEST');
    publish('a b c a');
    expect(await pull(2)).toEqual(['b1', 'c1']);
    publish('a');
    expect(await pull()).toEqual(['a3 after 2 CONFLATED']);
  });

  it('keeps every message again once it was empty', async () => {
    const { broker, publish, pull } = open('LATEST');
    publish('a a a a');
    expect(await pull()).toEqual(['a4 after 3 CONFLATED']);
    publish('a a a');
    expect(broker.counters).toMatchObject({ queued: 3, conflated: 3 });
    expect(await pull()).toEqual(['a5', 'a6', 'a7']);
  });

  it('drops the message that has waited longest when there are more devices than slots', async () => {
    const { broker, publish, pull } = open('LATEST');
    publish('a b c d a');
    expect(broker.counters).toMatchObject({
      queued: 3,
      conflated: 0,
      dropped: { QUEUE_OVERFLOW: 2, SUBSCRIPTION_ENDED: 0 },
    });
    expect(await pull()).toEqual(['c1', 'd1', 'a2 after 1 QUEUE_OVERFLOW']);
    publish('b');
    expect(await pull()).toEqual(['b2 after 1 QUEUE_OVERFLOW']);
  });

  it('tells a gap of conflated and dropped messages as a loss', async () => {
    const { broker, publish, pull } = open('LATEST');
    publish('a a b a c d e');
    expect(broker.counters).toMatchObject({ queued: 3, conflated: 2 });
    expect(broker.counters.dropped.QUEUE_OVERFLOW).toBe(2);
    await pull();
    publish('a b');
    expect(await pull()).toEqual(['a4 after 3 QUEUE_OVERFLOW', 'b2 after 1 QUEUE_OVERFLOW']);
  });

  it('tells a loss as a loss, whatever is conflated after it', async () => {
    const { publish, pull } = open('LATEST');
    publish('a b c d a a');
    expect(await pull()).toEqual(['c1', 'd1', 'a3 after 2 QUEUE_OVERFLOW']);
  });
});

describe('DISCONNECT', () => {
  it('ends with SLOW_CONSUMER when it is full, and counts everything that was not delivered', async () => {
    const { broker, subscription, publish } = open('DISCONNECT');
    publish('a a a');
    expect(subscription.ended).toBe(false);
    publish('a a');
    expect(subscription.ended).toBe(true);
    expect(broker.counters).toMatchObject({
      byTransport: { library: { delivered: 0, activeSubscribers: 0 } },
      queued: 0,
      dropped: { QUEUE_OVERFLOW: 1, SUBSCRIPTION_ENDED: 3 },
      ended: { SLOW_CONSUMER: 1, INTERNAL_ERROR: 0, CLIENT_COMPLETED: 0 },
    });
    const failure = await subscription.next().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SlowConsumerError);
    expect(failure).toMatchObject({ extensions: { code: 'SLOW_CONSUMER' } });
    expect(await subscription.next()).toEqual({ value: undefined, done: true });
  });

  it('misses nothing while its consumer keeps up', async () => {
    const { broker, publish, pull } = open('DISCONNECT');
    publish('a a a');
    expect(await pull()).toEqual(['a1', 'a2', 'a3']);
    publish('a a a');
    expect(await pull()).toEqual(['a4', 'a5', 'a6']);
    expect(broker.counters.byTransport.library.activeSubscribers).toBe(1);
  });

  it('tells its sink once, with the error', () => {
    const { subscription, publish } = open('DISCONNECT');
    const valve = new Valve(0);
    subscription.attach(valve);
    publish('a a a a a');
    expect(valve.ends).toEqual([['SLOW_CONSUMER', new SlowConsumerError(3)]]);
    expect(valve.written).toEqual([]);
  });
});

/** A sink that has room for so many messages. */
class Valve implements Sink {
  room: number;
  readonly written: string[] = [];
  readonly outOfQueue: boolean[] = [];
  readonly ends: [EndReason, Error | undefined][] = [];

  constructor(room: number) {
    this.room = room;
  }

  get writable(): boolean {
    return this.room > 0;
  }

  write(message: DeviceMessage, gap: Gap | null, queued: boolean): void {
    this.room -= 1;
    this.written.push(told(gap === null ? message : { ...message, gap }));
    this.outOfQueue.push(queued);
  }

  end(reason: EndReason, error: Error | undefined): void {
    this.ends.push([reason, error]);
  }
}

describe('a sink', () => {
  it('gets each message straight from dispatch while it is writable', () => {
    const { broker, subscription, publish } = open('DROP_NEWEST');
    const valve = new Valve(Infinity);
    subscription.attach(valve);
    publish('a b');
    expect(valve.written).toEqual(['a1', 'b1']);
    expect(valve.outOfQueue).toEqual([false, false]);
    expect(broker.counters).toMatchObject({
      byTransport: { library: { delivered: 2 } },
      queued: 0,
    });
  });

  it('gets what was published before it was attached', () => {
    const { subscription, publish } = open('DROP_NEWEST');
    const valve = new Valve(Infinity);
    publish('a a');
    subscription.attach(valve);
    publish('a');
    expect(valve.written).toEqual(['a1', 'a2', 'a3']);
    expect(valve.outOfQueue).toEqual([true, true, false]);
  });

  it('has its messages queued while it is not writable, until it is fed', () => {
    const { broker, subscription, publish } = open('DROP_NEWEST');
    const valve = new Valve(1);
    subscription.attach(valve);
    publish('a a a');
    expect(valve.written).toEqual(['a1']);
    expect(subscription.queued).toBe(2);
    expect(broker.counters).toMatchObject({
      byTransport: { library: { delivered: 1 } },
      queued: 2,
    });
    valve.room = 5;
    subscription.feedSink();
    expect(valve.written).toEqual(['a1', 'a2', 'a3']);
    expect(broker.counters).toMatchObject({
      byTransport: { library: { delivered: 3 } },
      queued: 0,
    });
  });

  it('gets no more at once than it has room for', () => {
    const { subscription, publish } = open('DROP_NEWEST');
    const valve = new Valve(0);
    subscription.attach(valve);
    publish('a a a');
    valve.room = 2;
    subscription.feedSink();
    expect(valve.written).toEqual(['a1', 'a2']);
    expect(subscription.queued).toBe(1);
  });

  it('gets a new message behind those that are queued, even when it has room again', () => {
    const { subscription, publish } = open('DROP_NEWEST');
    const valve = new Valve(0);
    subscription.attach(valve);
    publish('a');
    valve.room = 5;
    publish('b');
    expect(valve.written).toEqual([]);
    subscription.feedSink();
    publish('a');
    expect(valve.written).toEqual(['a1', 'b1', 'a2']);
  });

  it('gets the gaps, out of the queue and straight from dispatch', () => {
    const { subscription, publish } = open('DROP_NEWEST');
    const valve = new Valve(0);
    subscription.attach(valve);
    publish('a a a a');
    valve.room = 1;
    subscription.feedSink();
    publish('a a');
    valve.room = 9;
    subscription.feedSink();
    publish('a a');
    expect(valve.written).toEqual([
      'a1',
      'a2',
      'a3',
      'a5 after 1 QUEUE_OVERFLOW',
      'a7 after 1 QUEUE_OVERFLOW',
      'a8',
    ]);
  });

  it('returns to keeping every message under LATEST once its queue was emptied', () => {
    const { subscription, publish } = open('LATEST');
    const valve = new Valve(0);
    subscription.attach(valve);
    publish('a a a a');
    // Room for exactly what is queued: the queue is emptied and the sink is full again.
    valve.room = 1;
    subscription.feedSink();
    publish('a a');
    valve.room = 9;
    subscription.feedSink();
    expect(valve.written).toEqual(['a4 after 3 CONFLATED', 'a5', 'a6']);
  });

  it('is told of the end once, whoever asks for it first', () => {
    const { broker, subscription } = open('DROP_NEWEST');
    const valve = new Valve(Infinity);
    subscription.attach(valve);
    subscription.end('CONNECTION_LOST');
    subscription.end('SLOW_CONSUMER', new Error('too late'));
    void subscription.return();
    broker.close('SHUTTING_DOWN');
    expect(valve.ends).toEqual([['CONNECTION_LOST', undefined]]);
    expect(broker.counters.ended).toMatchObject({ CONNECTION_LOST: 1, SLOW_CONSUMER: 0 });
  });

  it('is told at once of an end that came before it', () => {
    const { subscription } = open('DROP_NEWEST');
    const error = new Error('broken');
    subscription.end('INTERNAL_ERROR', error);
    const valve = new Valve(Infinity);
    subscription.attach(valve);
    expect(valve.ends).toEqual([['INTERNAL_ERROR', error]]);
  });

  it('gets nothing after the end, what was queued included', () => {
    const { broker, subscription, publish } = open('DROP_NEWEST');
    const valve = new Valve(0);
    subscription.attach(valve);
    publish('a a');
    subscription.end('CONNECTION_LOST');
    valve.room = 9;
    subscription.feedSink();
    publish('a');
    expect(valve.written).toEqual([]);
    expect(broker.counters).toMatchObject({ queued: 0, dropped: { SUBSCRIPTION_ENDED: 2 } });
  });

  it('gets nothing more when it ends the subscription while it is written to', () => {
    const { broker, subscription, publish } = open('DROP_NEWEST');
    publish('a a a');
    const valve = new Valve(Infinity);
    const write = valve.write.bind(valve);
    valve.write = (...args) => {
      write(...args);
      subscription.end('CONNECTION_LOST');
    };
    subscription.attach(valve);
    expect(valve.written).toEqual(['a1']);
    expect(broker.counters).toMatchObject({
      byTransport: { library: { delivered: 1 } },
      dropped: { SUBSCRIPTION_ENDED: 2 },
    });
  });

  it.each(['attached', 'fed'])(
    'ends its subscription, and throws at nobody, when it throws while it is %s',
    (when) => {
      const { broker, subscription, publish } = open('DROP_NEWEST');
      const error = new Error('broken sink');
      const valve = new Valve(when === 'attached' ? Infinity : 0);
      valve.write = () => {
        throw error;
      };
      publish('a a');
      subscription.attach(valve);
      valve.room = Infinity;
      subscription.feedSink();
      expect(valve.ends).toEqual([['INTERNAL_ERROR', error]]);
      expect(broker.counters).toMatchObject({
        byTransport: { library: { activeSubscribers: 0 } },
        queued: 0,
      });
    },
  );

  it('is not needed for feedSink(), which then leaves the queue alone', async () => {
    const { subscription, publish, pull } = open('DROP_NEWEST');
    publish('a');
    subscription.feedSink();
    expect(await pull()).toEqual(['a1']);
    expect(await settlesInThisTurn(subscription.next())).toBe(false);
  });
});
