import { describe, expect, it } from 'vitest';
import { createBroker, type Broker } from '../../src/broker/broker.ts';
import type { EndReason } from '../../src/kernel/end-reason.ts';
import type { OverflowPolicy } from '../../src/broker/overflow-policy.ts';
import type { QueuedSubscription } from '../../src/broker/queued-subscription.ts';
import { Joiner, type Framing } from '../../src/delivery/joiner.ts';
import { FlushQueue } from '../../src/delivery/flush-queue.ts';
import { Outbox } from '../../src/delivery/outbox.ts';
import { OutgoingStreams } from '../../src/delivery/outgoing-streams.ts';
import type { Rendering } from '../../src/delivery/rendering.ts';
import { createMessages, told } from '../support/messages.ts';
import { endOfTurn } from '../support/turn.ts';

/** A frame is a text and an end of line. */
const framing: Framing = {
  overhead: () => 1,
  writeHeader(target, offset) {
    target[offset] = 0x0a;
    return offset + 1;
  },
};

/** So long that each message fills the socket by itself. */
const longEach = 64 * 1024;

/** A connection to which the messages of a broker leave, with a socket that stalls when it is told to. */
function open(bytesEach = 0): {
  broker: Broker;
  streams: OutgoingStreams;
  socket: { waiting: number; stalled: boolean };
  ends: unknown[];
  publish: (deviceIds: string) => void;
  subscribe: (
    name: string,
    deviceId: string,
    overflow?: OverflowPolicy,
    gaps?: Rendering,
  ) => QueuedSubscription;
  /** What has left, in a few words. */
  left: () => string[];
} {
  const frames: string[] = [];
  const socket = { waiting: 0, stalled: false };
  const outbox = new Outbox(
    {
      get waiting() {
        return socket.waiting;
      },
      write(bytes) {
        frames.push(...bytes.toString().split('\n').slice(1));
        if (socket.stalled) socket.waiting += bytes.length;
      },
      failed(error) {
        throw error;
      },
    },
    framing,
    new FlushQueue(new Joiner()),
  );
  const broker = createBroker({ queueSize: 3, overflow: 'DROP_NEWEST' });
  const streams = new OutgoingStreams(outbox);
  const nextMessage = createMessages();
  const ends: unknown[] = [];
  const rendering: Rendering = {
    bytes: (message, gap, queued) =>
      Buffer.from(
        `${told(gap === null ? message : { ...message, gap })}${queued ? ' queued' : ''}`.padEnd(
          bytesEach,
        ),
      ),
  };
  return {
    broker,
    streams,
    socket,
    ends,
    publish(deviceIds) {
      for (const deviceId of deviceIds.split(' ')) broker.publish(nextMessage(deviceId));
    },
    subscribe(name, deviceId, overflow, gaps) {
      const subscription = broker.subscribe({ deviceIds: [deviceId], overflow });
      streams.add({
        subscription,
        rendering,
        gaps,
        head: () => Buffer.from(`${name}: `),
        ended: (reason: EndReason, error) => ends.push([name, reason, error, streams.size]),
      });
      return subscription;
    },
    left: () => frames.map((frame) => frame.trimEnd()),
  };
}

describe('the outgoing streams of a connection', () => {
  it('moves the messages of all its subscriptions into one outbox, each with its own head', async () => {
    const { subscribe, publish, left, streams } = open();
    subscribe('one', 'a');
    subscribe('two', 'b');
    subscribe('three', 'a');
    expect(streams.size).toBe(3);
    publish('a b a');
    await endOfTurn();
    expect(left()).toEqual(['one: a1', 'three: a1', 'two: b1', 'one: a2', 'three: a2']);
  });

  it('asks for a head once, with the first message', async () => {
    const { broker, streams, publish } = open();
    let asked = 0;
    streams.add({
      subscription: broker.subscribe({ deviceIds: ['a'] }),
      rendering: { bytes: () => Buffer.from('x') },
      head() {
        asked += 1;
        return Buffer.from('head');
      },
      ended() {},
    });
    expect(asked).toBe(0);
    publish('a a');
    expect(asked).toBe(1);
    await endOfTurn();
  });

  it('moves what was published before it had the subscription', async () => {
    const { broker, streams, publish, left } = open();
    const subscription = broker.subscribe({ deviceIds: ['a'] });
    publish('a');
    streams.add({
      subscription,
      rendering: { bytes: (message) => Buffer.from(told(message)) },
      head: () => Buffer.alloc(0),
      ended() {},
    });
    publish('a');
    await endOfTurn();
    expect(left()).toEqual(['a1', 'a2']);
  });

  it('tells a gap by a frame in front of its message, to those who ask', async () => {
    const { subscribe, publish, left, streams, socket } = open(longEach);
    const gaps: Rendering = {
      bytes: ({ deviceId }, gap) => Buffer.from(`${deviceId} missed ${gap!.missed}`),
    };
    socket.stalled = true;
    subscribe('one', 'a', 'LATEST', gaps);
    subscribe('two', 'a', 'LATEST');
    publish('a a a a a');
    socket.stalled = false;
    socket.waiting = 0;
    streams.socketDrained();
    await endOfTurn();
    expect(left()).toEqual([
      'one: a1',
      'a missed 3',
      'one: a5 after 3 CONFLATED queued',
      'two: a5 after 4 CONFLATED queued',
    ]);
  });

  it('lets messages queue while the socket is full, and moves them when it has drained', async () => {
    const { subscribe, publish, left, streams, socket, broker } = open(longEach);
    const subscription = subscribe('one', 'a');
    socket.stalled = true;
    publish('a a a a a');
    expect(left()).toEqual(['one: a1']);
    expect(subscription.queued).toBe(3);
    expect(broker.counters.dropped.QUEUE_OVERFLOW).toBe(1);
    socket.stalled = false;
    socket.waiting = 0;
    streams.socketDrained();
    await endOfTurn();
    expect(left()).toEqual(['one: a1', 'one: a2 queued', 'one: a3 queued', 'one: a4 queued']);
    publish('a a');
    await endOfTurn();
    expect(left().slice(4)).toEqual(['one: a6 after 1 QUEUE_OVERFLOW', 'one: a7']);
  });

  it('goes round: whoever has had its turn comes last the next time', () => {
    const { subscribe, publish, left, streams, socket } = open(longEach);
    for (const name of ['one', 'two', 'three']) subscribe(name, 'a');
    socket.stalled = true;
    // The first message of the first one fills the socket.
    publish('a a');
    const drain = (): void => {
      socket.waiting = 0;
      streams.socketDrained();
    };
    for (let i = 0; i < 5; i += 1) drain();
    expect(left()).toEqual([
      'one: a1',
      'one: a2 queued',
      'two: a1 queued',
      'three: a1 queued',
      'two: a2 queued',
      'three: a2 queued',
    ]);
  });

  it('does not let one that always has something queued keep the others waiting', () => {
    const { subscribe, publish, left, streams, socket } = open(longEach);
    subscribe('busy', 'a');
    subscribe('quiet', 'b');
    socket.stalled = true;
    publish('a a a a b');
    for (let i = 0; i < 4; i += 1) {
      socket.waiting = 0;
      streams.socketDrained();
      publish('a');
    }
    expect(left().slice(0, 3)).toEqual(['busy: a1', 'busy: a2 queued', 'quiet: b1 queued']);
  });

  it('goes past those that have nothing queued', () => {
    const { subscribe, publish, left, streams, socket } = open(longEach);
    subscribe('idle', 'z');
    subscribe('one', 'a');
    socket.stalled = true;
    publish('a a');
    socket.waiting = 0;
    streams.socketDrained();
    expect(left()).toEqual(['one: a1', 'one: a2 queued']);
  });

  it('says once how each subscription ended, when it has left', () => {
    const { subscribe, streams, ends } = open();
    const error = new Error('broken');
    const one = subscribe('one', 'a');
    const two = subscribe('two', 'a');
    void one.return();
    two.end('INTERNAL_ERROR', error);
    two.end('CONNECTION_LOST');
    expect(ends).toEqual([
      ['one', 'CLIENT_COMPLETED', undefined, 1],
      ['two', 'INTERNAL_ERROR', error, 0],
    ]);
    expect(streams.size).toBe(0);
  });

  it('says at once how a subscription ended before it came', () => {
    const { broker, streams } = open();
    const subscription = broker.subscribe({ deviceIds: ['a'] });
    subscription.end('SHUTTING_DOWN');
    const ends: unknown[] = [];
    streams.add({
      subscription,
      rendering: { bytes: () => Buffer.alloc(0) },
      head: () => Buffer.alloc(0),
      ended: (reason) => ends.push(reason),
    });
    expect(ends).toEqual(['SHUTTING_DOWN']);
    expect(streams.size).toBe(0);
  });

  it('ends all its subscriptions, and none that is not its own', () => {
    const { broker, subscribe, streams, ends } = open();
    const error = new Error('gone');
    const other = broker.subscribe({ deviceIds: ['a'] });
    subscribe('one', 'a');
    subscribe('two', 'b');
    streams.end('CONNECTION_LOST', error);
    expect(ends).toEqual([
      ['one', 'CONNECTION_LOST', error, 1],
      ['two', 'CONNECTION_LOST', error, 0],
    ]);
    expect(other.ended).toBe(false);
    expect(broker.counters.byTransport.library.activeSubscribers).toBe(1);
  });

  it('ends a subscription that comes after the end at once, and writes nothing of it', async () => {
    const { subscribe, publish, left, streams, ends, broker } = open();
    streams.end('SHUTTING_DOWN');
    streams.end('CONNECTION_LOST');
    const late = subscribe('late', 'a');
    expect(late.ended).toBe(true);
    expect(ends).toEqual([['late', 'SHUTTING_DOWN', undefined, 0]]);
    expect(broker.counters.byTransport.library.activeSubscribers).toBe(0);
    publish('a');
    await endOfTurn();
    expect(left()).toEqual([]);
  });

  it('writes nothing of what was published to a subscription before it came too late', async () => {
    const { broker, streams, publish, left } = open();
    const subscription = broker.subscribe({ deviceIds: ['a'] });
    publish('a');
    streams.end('CONNECTION_LOST');
    streams.add({
      subscription,
      rendering: { bytes: (message) => Buffer.from(told(message)) },
      head: () => Buffer.alloc(0),
      ended() {},
    });
    await endOfTurn();
    expect(left()).toEqual([]);
  });

  it('moves on to the next one when a subscription ends while it is drained', () => {
    const { subscribe, publish, left, streams, socket, broker } = open(longEach);
    const slow = subscribe('slow', 'a', 'DISCONNECT');
    subscribe('other', 'a');
    socket.stalled = true;
    publish('a a a a a');
    expect(slow.ended).toBe(true);
    expect(broker.counters.ended.SLOW_CONSUMER).toBe(1);
    socket.waiting = 0;
    streams.socketDrained();
    expect(left()).toEqual(['slow: a1', 'other: a1 queued']);
  });

  describe('told to call back when it is empty', () => {
    it('does so at once when nothing is queued', () => {
      const { subscribe, streams } = open();
      subscribe('one', 'a');
      let emptied = 0;
      streams.whenEmpty(() => (emptied += 1));
      expect(emptied).toBe(1);
    });

    it('does so once, when the last queued message has moved', () => {
      const { subscribe, publish, streams, socket, left } = open(longEach);
      subscribe('one', 'a');
      subscribe('two', 'b');
      socket.stalled = true;
      publish('a a b');
      let leftThen: string[] = [];
      let emptied = 0;
      streams.whenEmpty(() => {
        emptied += 1;
        leftThen = left();
      });
      for (const expected of [0, 1, 1]) {
        socket.waiting = 0;
        streams.socketDrained();
        expect(emptied).toBe(expected);
      }
      expect(leftThen).toEqual(['one: a1', 'one: a2 queued', 'two: b1 queued']);
    });

    it('does so when the one that still has messages queued ends', () => {
      const { subscribe, publish, streams, socket } = open(longEach);
      const subscription = subscribe('one', 'a');
      socket.stalled = true;
      publish('a a');
      let emptied = 0;
      streams.whenEmpty(() => (emptied += 1));
      expect(emptied).toBe(0);
      void subscription.return();
      expect(emptied).toBe(1);
    });

    it('does not when all are ended first', () => {
      const { subscribe, publish, streams, socket } = open(longEach);
      subscribe('one', 'a');
      socket.stalled = true;
      publish('a a');
      let emptied = 0;
      streams.whenEmpty(() => (emptied += 1));
      streams.end('CONNECTION_LOST');
      streams.socketDrained();
      expect(emptied).toBe(0);
    });
  });

  it('ends a subscription that comes when it has ended, for the same reason', async () => {
    const { broker, streams, subscribe, publish, left, ends } = open();
    streams.end('SHUTTING_DOWN');
    // The connection is lost in the end, too.
    streams.end('CONNECTION_LOST');
    subscribe('late', 'a');
    publish('a');
    await endOfTurn();
    expect(left()).toEqual([]);
    expect(ends).toEqual([['late', 'SHUTTING_DOWN', undefined, 0]]);
    expect(broker.counters.byTransport.library.activeSubscribers).toBe(0);
  });

  it('knows how many devices its subscriptions name', () => {
    const { broker, streams } = open();
    const follow = (...deviceIds: string[]): void =>
      streams.add({
        subscription: broker.subscribe({ deviceIds }),
        rendering: { bytes: () => Buffer.from('x') },
        head: () => Buffer.from('head'),
        ended() {},
      });
    follow('a', 'b');
    follow('b');
    expect(streams.devices).toBe(3);
    streams.end('CONNECTION_LOST');
    expect(streams.devices).toBe(0);
  });
});
