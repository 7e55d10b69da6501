import { describe, expect, it } from 'vitest';
import { SubscribeError } from '../../src/broker/errors.ts';
import {
  createBroker,
  type Broker,
  type BrokerObserver,
  type SubscribeRequest,
} from '../../src/broker/broker.ts';
import { transportNames } from '../../src/kernel/caller.ts';
import { endReasons } from '../../src/kernel/end-reason.ts';
import type { OverflowPolicy } from '../../src/broker/overflow-policy.ts';
import type { Sink } from '../../src/broker/sink.ts';
import type { QueuedSubscription } from '../../src/broker/queued-subscription.ts';
import { createMessages, told } from '../support/messages.ts';

function open(
  overflow: OverflowPolicy = 'DROP_NEWEST',
  observer?: BrokerObserver,
): {
  broker: Broker;
  publish: (deviceIds: string) => void;
} {
  const broker = createBroker({ queueSize: 3, overflow, ...(observer && { observer }) });
  const nextMessage = createMessages();
  return {
    broker,
    publish(deviceIds) {
      for (const deviceId of deviceIds.split(' ')) broker.publish(nextMessage(deviceId));
    },
  };
}

/** Attaches a sink that keeps what it gets; `write` is called first and may misbehave. */
function watch(subscription: QueuedSubscription, write: () => void = () => {}): string[] {
  const written: string[] = [];
  const sink: Sink = {
    writable: true,
    write(message) {
      write();
      written.push(told(message));
    },
    end() {},
  };
  subscription.attach(sink);
  return written;
}

describe('publish', () => {
  it('hands a message to every subscription of its device and to no other', () => {
    const { broker, publish } = open();
    const a = watch(broker.subscribe({ deviceIds: ['a'] }));
    const b = watch(broker.subscribe({ deviceIds: ['b'] }));
    const both = watch(broker.subscribe({ deviceIds: ['b', 'a'] }));
    publish('a b c a');
    expect({ a, b, both }).toEqual({ a: ['a1', 'a2'], b: ['b1'], both: ['a1', 'b1', 'a2'] });
  });

  it.each(['__proto__', 'constructor', 'toString', ' a', 'A', '🚲'])(
    'takes %j for a device id like any other',
    (deviceId) => {
      const { broker, publish } = open();
      const other = watch(broker.subscribe({ deviceIds: ['a'] }));
      const seen = watch(broker.subscribe({ deviceIds: [deviceId] }));
      broker.publish(createMessages()(deviceId));
      publish('hasOwnProperty');
      expect(seen).toEqual([`${deviceId}1`]);
      expect(other).toEqual([]);
    },
  );

  it('counts a message once that nobody watches', () => {
    const { broker, publish } = open();
    publish('a');
    expect(broker.counters).toMatchObject({
      byTransport: { library: { delivered: 0 } },
      processed: 1,
      queued: 0,
    });
  });

  it('ends a subscription whose sink throws, and it alone', () => {
    const errors: unknown[] = [];
    const { broker, publish } = open('DROP_NEWEST', {
      subscriptionEnded: (_subscription, reason, error) => errors.push([reason, error]),
      messageDropped() {},
    });
    const failure = new Error('the sink is broken');
    const before = watch(broker.subscribe({ deviceIds: ['a'] }));
    const broken = broker.subscribe({ deviceIds: ['a', 'b'] });
    const brokenGot = watch(broken, () => {
      throw failure;
    });
    const after = watch(broker.subscribe({ deviceIds: ['a'] }));
    const slow = broker.subscribe({ deviceIds: ['a'] });

    publish('a a b');

    expect({ before, after, brokenGot }).toEqual({
      before: ['a1', 'a2'],
      after: ['a1', 'a2'],
      brokenGot: [],
    });
    expect(slow.queued).toBe(2);
    expect(broken.ended).toBe(true);
    expect(errors).toEqual([['INTERNAL_ERROR', failure]]);
    expect(broker.counters.ended).toMatchObject({ INTERNAL_ERROR: 1 });
    expect(broker.counters.byTransport.library.activeSubscribers).toBe(3);
    expect(broker.devicesMonitored).toBe(1);
  });

  it('makes an error of anything else that a sink throws', () => {
    const errors: (Error | undefined)[] = [];
    const { broker, publish } = open('DROP_NEWEST', {
      subscriptionEnded: (_subscription, _reason, error) => errors.push(error),
      messageDropped() {},
    });
    watch(broker.subscribe({ deviceIds: ['a'] }), () => {
      // oxlint-disable-next-line typescript/only-throw-error -- code of others does
      throw 'text';
    });
    publish('a');
    expect(errors).toEqual([new Error('text', { cause: 'text' })]);
    expect(errors[0]?.cause).toBe('text');
  });

  it('reaches everyone when some leave while it goes on', () => {
    const { broker, publish } = open();
    const subscriptions: QueuedSubscription[] = [];
    const got = [0, 1, 2, 3, 4].map((i) => {
      const subscription = broker.subscribe({ deviceIds: ['a'] });
      subscriptions.push(subscription);
      return watch(subscription, () => {
        // The second one takes itself, the one before it and the one behind it away.
        if (i === 1) for (const leaving of subscriptions.slice(0, 3)) void leaving.return();
      });
    });
    publish('a a');
    expect(got).toEqual([['a1'], ['a1'], [], ['a1', 'a2'], ['a1', 'a2']]);
    expect(broker.counters.byTransport.library.activeSubscribers).toBe(2);
  });

  it('reaches those that join while it goes on with the next message', () => {
    const { broker, publish } = open();
    const joined: string[][] = [];
    watch(broker.subscribe({ deviceIds: ['a'] }), () => {
      joined.push(watch(broker.subscribe({ deviceIds: ['a'] })));
    });
    publish('a a');
    expect(joined).toEqual([['a2'], []]);
  });

  it('reaches those that join when the only one leaves while it goes on', () => {
    const { broker, publish } = open();
    const joined: string[][] = [];
    const first = broker.subscribe({ deviceIds: ['a'] });
    watch(first, () => {
      void first.return();
      joined.push(watch(broker.subscribe({ deviceIds: ['a'] })));
    });
    publish('a a');
    expect(joined).toEqual([['a2']]);
    expect(broker.devicesMonitored).toBe(1);
  });

  it('keeps reaching the others in whatever order they leave', () => {
    const { broker, publish } = open();
    const subscriptions = Array.from({ length: 5 }, () => broker.subscribe({ deviceIds: ['a'] }));
    const got = subscriptions.map((subscription) => watch(subscription));
    publish('a');
    for (const i of [2, 0, 4, 3]) {
      void subscriptions[i]!.return();
      publish('a');
    }
    expect(got.map(({ length }) => length)).toEqual([2, 5, 1, 4, 3]);
  });
});

describe('subscribe', () => {
  it('collapses duplicates: a message comes once', () => {
    const { broker, publish } = open();
    const subscription = broker.subscribe({ deviceIds: ['a', 'b', 'a', 'a'] });
    const got = watch(subscription);
    publish('a');
    expect(got).toEqual(['a1']);
    expect(subscription.deviceIds).toEqual(['a', 'b']);
    void subscription.return();
    expect(broker.devicesMonitored).toBe(0);
  });

  it('takes what the request says, and the defaults of the broker otherwise', () => {
    const { broker } = open('DROP_OLDEST');
    expect(broker.subscribe({ deviceIds: ['a'] })).toMatchObject({
      overflow: 'DROP_OLDEST',
      maxQueued: 3,
      caller: { transport: 'library', who: 'library' },
      dropped: 0,
      ended: false,
    });
    const request: SubscribeRequest = {
      deviceIds: ['a'],
      overflow: 'DISCONNECT',
      maxQueued: 2,
      who: 'me',
    };
    const { who, ...rest } = request;
    expect(broker.subscribe(request)).toMatchObject({ ...rest, caller: { who } });
  });

  it.each([
    [{ deviceIds: [] }, 'deviceIds must name at least one device; it is empty'],
    ...[0, -1, 4, 1.5, Number.NaN, Infinity].map((maxQueued): [SubscribeRequest, string] => [
      { deviceIds: ['a'], maxQueued },
      `maxQueued must be a whole number from 1 to 3 (the gateway's queue size); it is ${maxQueued}`,
    ]),
    [
      // As a program without types could say it.
      { deviceIds: ['a'], overflow: 'latest' } as unknown as SubscribeRequest,
      'overflow must be one of DROP_NEWEST, DROP_OLDEST, LATEST, DISCONNECT; it is latest',
    ],
  ] satisfies [SubscribeRequest, string][])('refuses %j', (request, message) => {
    const { broker } = open();
    expect(() => broker.subscribe(request)).toThrow(new SubscribeError(message));
    expect(broker.counters.byTransport.library.activeSubscribers).toBe(0);
    expect(broker.devicesMonitored).toBe(0);
  });

  it('gives each subscription a queue of its own', () => {
    const { broker, publish } = open();
    const [small, large] = [1, 3].map((maxQueued) =>
      broker.subscribe({ deviceIds: ['a'], maxQueued }),
    );
    publish('a a a a');
    expect([small?.queued, small?.dropped]).toEqual([1, 3]);
    expect([large?.queued, large?.dropped]).toEqual([3, 1]);
    expect(broker.counters).toMatchObject({ queued: 4, dropped: { QUEUE_OVERFLOW: 4 } });
  });
});

describe('the counters', () => {
  it('are all zero at first', () => {
    const { counters, devicesMonitored } = open().broker;
    expect(devicesMonitored).toBe(0);
    expect(counters).toMatchObject({
      processed: 0,
      conflated: 0,
      queued: 0,
      dropped: { QUEUE_OVERFLOW: 0, SUBSCRIPTION_ENDED: 0, HISTORY_EXPIRED: 0 },
      ended: Object.fromEntries(endReasons.map((reason) => [reason, 0])),
      byTransport: Object.fromEntries(
        transportNames.map((name) => [name, { activeSubscribers: 0, delivered: 0 }]),
      ),
    });
  });

  it('know the distinct devices that are watched', () => {
    const { broker } = open();
    const ab = broker.subscribe({ deviceIds: ['a', 'b'] });
    const bc = broker.subscribe({ deviceIds: ['b', 'c'] });
    expect(broker.devicesMonitored).toBe(3);
    void ab.return();
    expect(broker.devicesMonitored).toBe(2);
    void bc.return();
    expect(broker.devicesMonitored).toBe(0);
  });

  it.each(endReasons)('count an end for %s once', (reason) => {
    const { broker } = open();
    const subscription = broker.subscribe({ deviceIds: ['a'] });
    subscription.end(reason);
    subscription.end('INTERNAL_ERROR');
    expect(broker.counters.ended).toEqual({
      ...Object.fromEntries(endReasons.map((each) => [each, 0])),
      [reason]: 1,
    });
    expect(broker.counters.byTransport.library.activeSubscribers).toBe(0);
  });

  it('count an iterator that is returned as CLIENT_COMPLETED, and one that is thrown into as INTERNAL_ERROR', async () => {
    const { broker } = open();
    await broker.subscribe({ deviceIds: ['a'] }).return();
    expect(broker.counters.ended).toMatchObject({ CLIENT_COMPLETED: 1, INTERNAL_ERROR: 0 });
    await expect(broker.subscribe({ deviceIds: ['a'] }).throw(new Error('no'))).rejects.toThrow();
    expect(broker.counters.ended).toMatchObject({ CLIENT_COMPLETED: 1, INTERNAL_ERROR: 1 });
  });
});

describe('the observer', () => {
  it('is told of every drop and of every end', () => {
    const events: unknown[] = [];
    const { broker, publish } = open('DROP_NEWEST', {
      messageDropped: ({ caller: { who }, dropped }) => events.push([who, dropped]),
      subscriptionEnded: ({ caller: { who } }, reason, error) => events.push([who, reason, error]),
    });
    const subscription = broker.subscribe({ deviceIds: ['a'], maxQueued: 1, who: 'me' });
    publish('a a a');
    const error = new Error('enough');
    subscription.end('SLOW_CONSUMER', error);
    expect(events).toEqual([
      ['me', 1],
      ['me', 2],
      ['me', 'SLOW_CONSUMER', error],
    ]);
  });
});

describe('a sink that throws on being told of the end', () => {
  function attachBroken(subscription: QueuedSubscription, failure: Error): void {
    subscription.attach({
      writable: true,
      write() {
        throw new Error('broken when it writes too');
      },
      end() {
        throw failure;
      },
    });
  }

  function openWatched(overflow: OverflowPolicy = 'DROP_NEWEST') {
    const heard: unknown[] = [];
    const opened = open(overflow, {
      subscriptionEnded: ({ caller: { who } }, reason) => heard.push([who, reason]),
      messageDropped() {},
      sinkFailed: ({ caller: { who } }, error) => heard.push([who, error]),
    });
    return { ...opened, heard };
  }

  it('does not break dispatch, nor the counters', () => {
    const { broker, publish, heard } = openWatched();
    const failure = new Error('broken');
    const before = watch(broker.subscribe({ deviceIds: ['a'] }));
    attachBroken(broker.subscribe({ deviceIds: ['a', 'b'], who: 'broken' }), failure);
    const after = watch(broker.subscribe({ deviceIds: ['a'] }));
    publish('a a');
    const late = watch(broker.subscribe({ deviceIds: ['a'] }));
    publish('a b');
    expect({ before, after, late }).toEqual({
      before: ['a1', 'a2', 'a3'],
      after: ['a1', 'a2', 'a3'],
      late: ['a3'],
    });
    expect(heard).toEqual([
      ['broken', 'INTERNAL_ERROR'],
      ['broken', failure],
    ]);
    expect(broker.counters).toMatchObject({
      byTransport: { library: { activeSubscribers: 3 } },
      ended: { INTERNAL_ERROR: 1 },
    });
    expect(broker.devicesMonitored).toBe(1);
  });

  it('does not keep the others from being ended', () => {
    const { broker, heard } = openWatched();
    const failure = new Error('broken');
    for (const who of ['one', 'two']) {
      attachBroken(broker.subscribe({ deviceIds: ['a'], who }), failure);
    }
    broker.close('SHUTTING_DOWN');
    expect(heard).toEqual([
      ['one', 'SHUTTING_DOWN'],
      ['one', failure],
      ['two', 'SHUTTING_DOWN'],
      ['two', failure],
    ]);
    expect(broker.counters).toMatchObject({
      byTransport: { library: { activeSubscribers: 0 } },
      ended: { SHUTTING_DOWN: 2 },
    });
  });

  it('does not throw at who attaches it to what has ended', () => {
    const { broker, heard } = openWatched();
    const subscription = broker.subscribe({ deviceIds: ['a'], who: 'late' });
    void subscription.return();
    const failure = new Error('broken');
    attachBroken(subscription, failure);
    expect(heard).toEqual([
      ['late', 'CLIENT_COMPLETED'],
      ['late', failure],
    ]);
  });
});

describe('close', () => {
  it('ends what is subscribed after it at once, for its reason', async () => {
    const { broker, publish } = open();
    const error = new Error('the log is full');
    broker.close('INTERNAL_ERROR', error);
    broker.close('SHUTTING_DOWN');
    const read = broker.subscribe({ deviceIds: ['a'] });
    expect(read.ended).toBe(true);
    await expect(read.next()).rejects.toBe(error);
    expect(await read.next()).toEqual({ value: undefined, done: true });
    const ends: unknown[] = [];
    broker.subscribe({ deviceIds: ['a'] }).attach({
      writable: true,
      write() {},
      end: (...why) => ends.push(why),
    });
    expect(ends).toEqual([['INTERNAL_ERROR', error]]);
    publish('a');
    expect(broker.counters).toMatchObject({
      byTransport: { library: { activeSubscribers: 0, delivered: 0 } },
      ended: { INTERNAL_ERROR: 2, SHUTTING_DOWN: 0 },
    });
    expect(broker.devicesMonitored).toBe(0);
  });

  it('ends every subscription with the reason, and what is queued is dropped', async () => {
    const { broker, publish } = open();
    const subscriptions = ['a', 'b', 'a'].map((id) => broker.subscribe({ deviceIds: [id] }));
    const waiting = subscriptions[1]!.next();
    publish('a');
    broker.close('SHUTTING_DOWN');
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(broker.counters).toMatchObject({
      byTransport: { library: { activeSubscribers: 0, delivered: 0 } },
      queued: 0,
      dropped: { QUEUE_OVERFLOW: 0, SUBSCRIPTION_ENDED: 2 },
      ended: { SHUTTING_DOWN: 3 },
    });
    expect(broker.devicesMonitored).toBe(0);
  });
});
