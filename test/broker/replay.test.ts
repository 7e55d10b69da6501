import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBroker, type Broker, type SubscribeRequest } from '../../src/broker/broker.ts';
import { overflowPolicies, type OverflowPolicy } from '../../src/broker/overflow-policy.ts';
import type { Sink } from '../../src/broker/sink.ts';
import type { Delivery } from '../../src/broker/subscription.ts';
import type { QueuedSubscription } from '../../src/broker/queued-subscription.ts';
import type { DeviceMessage, Gap } from '../../src/kernel/device-message.ts';
import type { Log } from '../../src/log/log.ts';
import { createMemoryLog } from '../../src/log/memory-log.ts';
import { formatPosition } from '../../src/log/position.ts';
import { arrivalOf } from '../support/arrival.ts';
import { told } from '../support/messages.ts';
import { endOfTurn, settlesInThisTurn } from '../support/turn.ts';

const devices = ['a', 'b', 'c'] as const;

interface House {
  readonly clock: { now: number };
  readonly log: Log;
  readonly broker: Broker;
  readonly publish: (deviceId: string, count?: number, payload?: string) => void;
  /** The source is interrupted. */
  readonly interrupt: () => void;
  readonly interruptions: number;
  /** How many interruptions there were when it was published. */
  readonly interruptionsBefore: (message: DeviceMessage) => number;
}

function open(historySize = 100, epoch = 'epoch1', queueSize = 4): House {
  const clock = { now: 0 };
  const log = createMemoryLog({
    maxDevices: 100,
    historySize,
    historyTtlMs: 1_000,
    now: () => clock.now,
    epoch,
  });
  const broker = createBroker({ queueSize, overflow: 'DROP_NEWEST', history: log });
  let interruptions = 0;
  const before = new Map<string, number>();
  return {
    clock,
    log,
    broker,
    interrupt() {
      interruptions += 1;
      log.interrupt('all');
    },
    get interruptions() {
      return interruptions;
    },
    interruptionsBefore: ({ deviceId, sequence }) => before.get(`${deviceId}${sequence}`)!,
    publish(deviceId, count = 1, payload = '{}') {
      for (let i = 0; i < count; i += 1) {
        const message = log.append(arrivalOf(deviceId, { payload, receivedAt: clock.now }))!;
        before.set(`${deviceId}${message.sequence}`, interruptions);
        broker.publish(message);
      }
    },
  };
}

/** A client with a socket that takes so many messages. */
class Client implements Sink {
  readonly got: Delivery[] = [];
  readonly subscription: QueuedSubscription;
  readonly begins = new Map<string, number>();
  credit: number;
  endReason: string | undefined;

  constructor(broker: Broker, request: SubscribeRequest, credit = Number.POSITIVE_INFINITY) {
    this.credit = credit;
    this.subscription = broker.subscribe(request);
    for (const [id, { sequence }] of this.subscription.begins) this.begins.set(id, sequence);
    this.subscription.attach(this);
  }

  get writable(): boolean {
    return this.credit > 0;
  }

  write(message: DeviceMessage, gap: Gap | null): void {
    this.credit -= 1;
    this.got.push(gap === null ? message : { ...message, gap });
  }

  end(reason: string): void {
    this.endReason = reason;
  }

  take(count: number): void {
    this.credit += count;
    this.subscription.feedSink();
  }

  /** In a few words. */
  get told(): string[] {
    return this.got.map(told);
  }
}

function position(sequence: number, epoch = 'epoch1'): string {
  return formatPosition({ epoch, sequence });
}

/** Long enough for all that is to be replayed here. */
async function replayed(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await endOfTurn();
}

describe('a subscription behind a position', () => {
  it('gets what is kept behind it, and then what is live', async () => {
    const { broker, publish } = open();
    publish('a', 5);
    const client = new Client(broker, {
      deviceIds: ['a'],
      after: [{ deviceId: 'a', position: position(2) }],
    });
    publish('a');
    await replayed();
    publish('a');
    expect(client.told).toEqual(['a3', 'a4', 'a5', 'a6', 'a7']);
  });

  it('is live at once with the devices that are not named', async () => {
    const { broker, publish } = open();
    publish('a', 2);
    publish('b', 2);
    const client = new Client(broker, {
      deviceIds: ['a', 'b'],
      after: [{ deviceId: 'a', position: position(0) }],
    });
    publish('b');
    expect(client.told).toEqual(['b3']);
    await replayed();
    expect(client.told).toEqual(['b3', 'a1', 'a2']);
  });

  it('is told how many are not kept any more', async () => {
    const { broker, publish } = open(3);
    publish('a', 10);
    const client = new Client(broker, {
      deviceIds: ['a'],
      after: [{ deviceId: 'a', position: position(2) }],
    });
    await replayed();
    expect(client.told).toEqual(['a8 after 5 HISTORY_EXPIRED', 'a9', 'a10']);
    expect(broker.counters.dropped.HISTORY_EXPIRED).toBe(5);
  });

  it('is told with the next message when nothing is kept', async () => {
    const { broker, publish } = open(0);
    publish('a', 10);
    const client = new Client(broker, {
      deviceIds: ['a'],
      after: [{ deviceId: 'a', position: position(2) }],
    });
    await replayed();
    publish('a');
    expect(client.told).toEqual(['a11 after 8 HISTORY_EXPIRED']);
  });

  it('of another log gets all that is kept of this one, and is told', async () => {
    const { broker, publish } = open(3);
    publish('a', 5);
    const after = [
      { deviceId: 'a', position: position(99, 'before') },
      { deviceId: 'b', position: position(7, 'before') },
    ];
    const client = new Client(broker, { deviceIds: ['a', 'b'], after });
    await replayed();
    publish('b');
    expect(client.told).toEqual([
      'a3 after null STREAM_RESET',
      'a4',
      'a5',
      'b1 after null STREAM_RESET',
    ]);
  });

  it('of a log that nobody knows gets all that is kept, and is told', async () => {
    const { broker, publish } = open(3);
    publish('a', 5);
    const client = new Client(broker, {
      deviceIds: ['a'],
      after: [{ deviceId: 'a', position: null }],
    });
    await replayed();
    expect(client.told).toEqual(['a3 after null STREAM_RESET', 'a4', 'a5']);
  });

  it('is read at the pace of the socket, however much is kept and queued', async () => {
    const { broker, publish } = open(1_000, 'epoch1', 2);
    publish('a', 500);
    const client = new Client(
      broker,
      { deviceIds: ['a'], after: [{ deviceId: 'a', position: position(0) }] },
      10,
    );
    await replayed();
    expect(client.got).toHaveLength(10);
    publish('a', 100);
    expect(client.subscription.queued).toBe(0);
    client.take(1_000);
    await replayed();
    expect(client.got.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 600 }, (_, i) => i + 1),
    );
    expect(client.got.every(({ gap }) => gap === undefined)).toBe(true);
  });

  it('is read by next() as well', async () => {
    const { broker, publish } = open();
    publish('a', 2);
    const subscription = broker.subscribe({
      deviceIds: ['a'],
      after: [{ deviceId: 'a', position: position(0) }],
    });
    publish('a');
    const read = async () => (await subscription.next()).value?.sequence;
    expect([await read(), await read(), await read()]).toEqual([1, 2, 3]);
    const waiting = subscription.next();
    expect(await settlesInThisTurn(waiting)).toBe(false);
    publish('a');
    expect((await waiting).value?.sequence).toBe(4);
  });

  it('counts what was published to it and not read when it ends', () => {
    const { broker, publish } = open();
    publish('a', 5);
    const client = new Client(
      broker,
      { deviceIds: ['a'], after: [{ deviceId: 'a', position: position(0) }] },
      0,
    );
    publish('a', 3);
    client.subscription.end('CONNECTION_LOST');
    expect(broker.counters.dropped.SUBSCRIPTION_ENDED).toBe(3);
  });

  it.each([
    [
      'a device twice',
      [
        { deviceId: 'a', position: 'epoch1-0' },
        { deviceId: 'a', position: 'epoch1-0' },
      ],
      /twice/,
    ],
    ['a device that is not asked for', [{ deviceId: 'x', position: 'epoch1-0' }], /not among/],
    ['no position', [{ deviceId: 'a', position: 'nonsense' }], /is not valid/],
    ['a number that no message has had', [{ deviceId: 'a', position: 'epoch1-6' }], /no message/],
    [
      'a number beyond all',
      [{ deviceId: 'a', position: 'epoch1-99999999999999999' }],
      /is not valid/,
    ],
  ])('is refused with %s', (_what, after, message) => {
    const { broker, publish } = open();
    publish('a', 5);
    expect(() => broker.subscribe({ deviceIds: ['a'], after })).toThrow(message);
    expect(broker.counters.byTransport.library.activeSubscribers).toBe(0);
  });
});

describe('an interruption of the source', () => {
  it('is told to who was there before it, with the next message of each device', async () => {
    const { broker, publish, interrupt } = open();
    publish('a', 2);
    const client = new Client(broker, { deviceIds: ['a', 'b'] });
    publish('a');
    interrupt();
    publish('a', 2);
    publish('b', 2);
    expect(client.told).toEqual([
      'a3',
      'a4 after null SOURCE_INTERRUPTED',
      'a5',
      'b1 after null SOURCE_INTERRUPTED',
      'b2',
    ]);
  });

  it('is not told to who came after it', async () => {
    const { broker, publish, interrupt } = open();
    publish('a', 2);
    interrupt();
    const client = new Client(broker, { deviceIds: ['a', 'b'] });
    publish('a');
    publish('b');
    expect(client.told).toEqual(['a3', 'b1']);
  });

  it('is told to who came after it when there is a second one', () => {
    const { broker, publish, interrupt } = open();
    publish('a');
    interrupt();
    const client = new Client(broker, { deviceIds: ['a'] });
    interrupt();
    publish('a');
    expect(client.told).toEqual(['a2 after null SOURCE_INTERRUPTED']);
  });

  it('is told where it was to who resumes from before it', async () => {
    const { broker, publish, interrupt } = open();
    publish('a', 3);
    interrupt();
    publish('a', 2);
    const after = [{ deviceId: 'a', position: position(1) }];
    const client = new Client(broker, { deviceIds: ['a'], after });
    await replayed();
    expect(client.told).toEqual(['a2', 'a3', 'a4 after null SOURCE_INTERRUPTED', 'a5']);
  });

  it('is not told to who resumes from behind it', async () => {
    const { broker, publish, interrupt } = open();
    publish('a', 3);
    interrupt();
    publish('a', 2);
    const after = [{ deviceId: 'a', position: position(4) }];
    const client = new Client(broker, { deviceIds: ['a'], after });
    await replayed();
    expect(client.told).toEqual(['a5']);
  });

  it.each([
    ['that has read everything', 3],
    ['that has something to read first', 1],
  ])('is told with the next live message to a client %s', async (_what, sequence) => {
    const { broker, publish, interrupt } = open();
    publish('a', 3);
    interrupt();
    const after = [{ deviceId: 'a', position: position(sequence) }];
    const client = new Client(broker, { deviceIds: ['a'], after });
    await replayed();
    publish('a');
    expect(client.told.slice(3 - sequence)).toEqual(['a4 after null SOURCE_INTERRUPTED']);
    expect(client.told.slice(0, 3 - sequence)).toEqual(['a2', 'a3'].slice(0, 3 - sequence));
  });

  it('is told to a client that has just read the last kept message when the next one comes', async () => {
    const { broker, publish, interrupt } = open();
    publish('a', 3);
    interrupt();
    const after = [{ deviceId: 'a', position: position(1) }];
    const client = new Client(broker, { deviceIds: ['a'], after }, 2);
    await replayed();
    publish('a');
    client.take(10);
    expect(client.told).toEqual(['a2', 'a3', 'a4 after null SOURCE_INTERRUPTED']);
  });

  it('hides in what is not kept any more, and is told with that', async () => {
    const { broker, publish, interrupt } = open(2);
    publish('a', 3);
    interrupt();
    publish('a', 5);
    const after = [{ deviceId: 'a', position: position(1) }];
    const client = new Client(broker, { deviceIds: ['a'], after });
    await replayed();
    expect(client.told).toEqual(['a7 after null SOURCE_INTERRUPTED', 'a8']);
  });

  it('is told with the next live message when nothing is kept', async () => {
    const { broker, publish, interrupt } = open(0);
    publish('a', 3);
    interrupt();
    publish('a', 2);
    const after = [{ deviceId: 'a', position: position(1) }];
    const client = new Client(broker, { deviceIds: ['a'], after });
    await replayed();
    publish('a');
    expect(client.told).toEqual(['a6 after null SOURCE_INTERRUPTED']);
  });

  it('is no gap in front of the first message of a replay, and one within it', async () => {
    const { broker, publish, interrupt } = open();
    interrupt();
    publish('a', 2);
    interrupt();
    publish('a', 2);
    const whole = new Client(broker, { deviceIds: ['a'], replay: 4 });
    const part = new Client(broker, { deviceIds: ['a'], replay: 2 });
    await replayed();
    expect(whole.told).toEqual(['a1', 'a2', 'a3 after null SOURCE_INTERRUPTED', 'a4']);
    expect(part.told).toEqual(['a3', 'a4']);
  });

  it.each(overflowPolicies)('is told once when its message waits or is dropped: %s', (overflow) => {
    const { broker, publish, interrupt } = open(0, 'epoch1', 3);
    const client = new Client(broker, { deviceIds: ['a'], overflow }, 0);
    publish('a', 2);
    interrupt();
    publish('a');
    if (overflow !== 'DISCONNECT') publish('a', 2);
    client.take(100);
    publish('a');
    const expected = {
      DROP_NEWEST: ['a1', 'a2', 'a3 after null SOURCE_INTERRUPTED', 'a6 after 2 QUEUE_OVERFLOW'],
      DROP_OLDEST: ['a3 after null SOURCE_INTERRUPTED', 'a4', 'a5', 'a6'],
      LATEST: ['a5 after null SOURCE_INTERRUPTED', 'a6'],
      DISCONNECT: ['a1', 'a2', 'a3 after null SOURCE_INTERRUPTED', 'a4'],
    };
    expect(client.told).toEqual(expected[overflow]);
  });

  it('costs no count where its own message is dropped', () => {
    const { broker, publish, interrupt } = open(0, 'epoch1', 1);
    const client = new Client(broker, { deviceIds: ['a'] }, 0);
    publish('a');
    interrupt();
    publish('a', 3);
    client.take(100);
    publish('a', 2);
    expect(client.told).toEqual(['a1', 'a5 after null SOURCE_INTERRUPTED', 'a6']);
    expect(broker.counters.dropped.QUEUE_OVERFLOW).toBe(3);
  });
});

describe('a subscription whose transport throws on being asked for its positions', () => {
  it.each([0, 100])('leaves nothing behind with minIntervalMs %i', (minIntervalMs) => {
    const { broker, publish } = open();
    const fault = new Error('no');
    const subscribe = (): unknown =>
      broker.subscribe({
        deviceIds: ['a', 'b'],
        minIntervalMs,
        seen: {
          of() {
            throw fault;
          },
        },
      });
    expect(subscribe).toThrow(fault);
    expect(broker.devicesMonitored).toBe(0);
    expect(broker.counters.byTransport.library.activeSubscribers).toBe(0);
    publish('a');
    expect(broker.counters).toMatchObject({
      byTransport: { library: { delivered: 0 } },
      queued: 0,
    });
    broker.close('SHUTTING_DOWN');
    expect(broker.counters.ended.SHUTTING_DOWN).toBe(0);
  });
});

describe('a replay', () => {
  it('is of the newest kept messages of each device that has no position', async () => {
    const { broker, publish } = open(4);
    publish('a', 6);
    publish('b', 1);
    publish('c', 6);
    const client = new Client(broker, {
      deviceIds: ['a', 'b', 'c', 'unheard'],
      replay: 3,
      after: [{ deviceId: 'c', position: position(5) }],
    });
    publish('a');
    await replayed();
    expect(client.told.toSorted()).toEqual(['a4', 'a5', 'a6', 'a7', 'b1', 'c6']);
    expect(client.begins).toEqual(
      new Map([
        ['a', 3],
        ['b', 0],
        ['c', 5],
        ['unheard', 0],
      ]),
    );
  });

  it('of more than there is, is of all there is', async () => {
    const { broker, publish } = open(4);
    publish('a', 6);
    const client = new Client(broker, { deviceIds: ['a'], replay: 1_000_000 });
    await replayed();
    expect(client.told).toEqual(['a3', 'a4', 'a5', 'a6']);
  });

  it.each([-1, 1.5, Number.NaN])('is refused with %d', (replay) => {
    expect(() => open().broker.subscribe({ deviceIds: ['a'], replay })).toThrow(/replay must be/);
  });
});

describe('the replays of many subscriptions', () => {
  /** How many messages all of them get in each turn of the event loop, until all have everything. */
  async function perTurn(count: number, each: number, payload: string): Promise<number[]> {
    const { broker, publish } = open(each);
    publish('a', each, payload);
    const clients = Array.from(
      { length: count },
      () => new Client(broker, { deviceIds: ['a'], replay: each }),
    );
    const received = (): number => clients.reduce((sum, { got }) => sum + got.length, 0);
    const turns: number[] = [];
    while (received() < count * each) {
      const before = received();
      await endOfTurn();
      turns.push(received() - before);
      // In turns: nobody is two rounds ahead of anybody.
      const counts = clients.map(({ got }) => got.length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(32);
    }
    return turns;
  }

  it('share 512 short messages a turn', async () => {
    const turns = await perTurn(20, 100, '{}');
    expect(Math.max(...turns)).toBeLessThanOrEqual(512);
    expect(Math.max(...turns)).toBeGreaterThan(256);
  });

  it('share about half a MiB of long messages a turn', async () => {
    const turns = await perTurn(20, 3, `"${'x'.repeat(256 * 1024 - 2)}"`);
    expect(new Set(turns)).toEqual(new Set([2]));
  });

  it('go on with messages of which one is more than a turn has', async () => {
    const turns = await perTurn(3, 2, `"${'x'.repeat(2 * 1024 * 1024)}"`);
    expect(turns).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

type Step =
  | { readonly kind: 'publish'; readonly deviceId: string; readonly count: number }
  | { readonly kind: 'take'; readonly count: number }
  | { readonly kind: 'stall' | 'turn' | 'later' | 'interrupt' }
  | { readonly kind: 'resume'; readonly deviceIds: readonly string[] };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      deviceId: fc.constantFrom(...devices),
      count: fc.integer({ min: 1, max: 12 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('take' as const), count: fc.nat({ max: 20 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('stall', 'turn', 'later') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('interrupt' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('resume' as const),
      deviceIds: fc.shuffledSubarray([...devices], { minLength: 3 }),
    }),
  },
);

/** All that a client knows over the sessions that it had. */
class Account {
  readonly seen = new Map<string, number>();
  /** How many interruptions there were at the last message of each device, or when it was first asked for. */
  readonly #interruptions = new Map<string, number>();
  readonly #heard = new Set<string>();
  readonly #house: House;
  readonly #overflow: OverflowPolicy;
  #client: Client | undefined;
  #read = 0;

  constructor(house: House, overflow: OverflowPolicy) {
    this.#house = house;
    this.#overflow = overflow;
  }

  get client(): Client {
    return this.#client!;
  }

  connect(deviceIds: readonly string[], credit: number): void {
    const after = [...this.seen].map(([deviceId, sequence]) => ({
      deviceId,
      position: position(sequence),
    }));
    this.#client?.subscription.end('CONNECTION_LOST');
    this.#client = new Client(
      this.#house.broker,
      { deviceIds, after, overflow: this.#overflow },
      credit,
    );
    this.#read = 0;
    // What the transports tell at the start, so that a client can resume before its first message.
    for (const [id, sequence] of this.#client.begins) {
      this.seen.set(id, sequence);
      if (!this.#interruptions.has(id)) this.#interruptions.set(id, this.#house.interruptions);
    }
  }

  /** Each message must follow the one before it, less what its gap says. */
  check(): void {
    for (; this.#read < this.client.got.length; this.#read += 1) {
      const message = this.client.got[this.#read]!;
      const { deviceId, sequence, gap } = message;
      const interruptions = this.#house.interruptionsBefore(message);
      const wasInterrupted = interruptions > this.#interruptions.get(deviceId)!;
      this.#interruptions.set(deviceId, interruptions);
      // A position from before the first message does not say whether it is from before an interruption.
      const mayBeTold = wasInterrupted || !this.#heard.has(deviceId);
      this.#heard.add(deviceId);
      if (wasInterrupted || (mayBeTold && gap?.missed === null)) {
        expect(gap).toEqual({ missed: null, reason: 'SOURCE_INTERRUPTED' });
        expect(sequence).toBeGreaterThan(this.seen.get(deviceId)!);
        this.seen.set(deviceId, sequence);
        continue;
      }
      const expected = this.seen.get(deviceId)! + 1 + (gap?.missed ?? 0);
      expect(`${deviceId}${sequence}`).toBe(`${deviceId}${expected}`);
      this.seen.set(deviceId, sequence);
    }
  }
}

describe('whatever is published, read, stalled, resumed and trimmed in whatever order', () => {
  it.each(overflowPolicies)(
    'every message is delivered once or told under %s',
    async (overflow) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 5, maxLength: 60 }),
          fc.integer({ min: 0, max: 20 }),
          async (steps, historySize) => {
            const house = open(historySize);
            const account = new Account(house, overflow);
            account.connect(devices, 5);
            for (const each of steps) {
              switch (each.kind) {
                case 'publish':
                  house.publish(each.deviceId, each.count);
                  break;
                case 'take':
                  account.client.take(each.count);
                  break;
                case 'stall':
                  account.client.credit = 0;
                  break;
                case 'turn':
                  await endOfTurn();
                  break;
                case 'interrupt':
                  house.interrupt();
                  break;
                case 'later':
                  house.clock.now += 600;
                  break;
                case 'resume':
                  account.check();
                  account.connect(each.deviceIds, 3);
                  break;
              }
              account.check();
            }
            account.connect(devices, Number.POSITIVE_INFINITY);
            await replayed();
            for (const deviceId of devices) house.publish(deviceId);
            account.check();
            for (const deviceId of devices) {
              expect(account.seen.get(deviceId)).toBe(house.log.lastSequence(deviceId));
            }
          },
        ),
        { numRuns: 150 },
      );
    },
  );
});

describe('a subscription that comes back to a log that forgets devices', () => {
  /** A log with room for two devices, which forgets what was silent for more than 100 ms and is not watched. */
  function openSmall() {
    const clock = { now: 0 };
    const log: Log = createMemoryLog({
      maxDevices: 2,
      deviceTtlMs: 100,
      historySize: 3,
      now: () => clock.now,
      watched: (deviceId) => broker.watches(deviceId),
    });
    const broker = createBroker({ queueSize: 100, overflow: 'DROP_NEWEST', history: log });
    /** Of each device the positions of all its messages, in all its lives. */
    const published = new Map<string, string[]>(devices.map((id) => [id, []]));
    const publish = (deviceId: string): void => {
      const message = log.append(arrivalOf(deviceId, { receivedAt: clock.now }));
      if (message === undefined) return;
      published.get(deviceId)!.push(formatPosition(message));
      broker.publish(message);
    };
    return { clock, log, broker, published, publish };
  }

  it('is told that the device has begun anew, also before its first message', async () => {
    const { clock, log, broker, publish } = openSmall();
    const after = [{ deviceId: 'c', position: `${log.epochOf('c')}-0` }];
    publish('a');
    after.push({ deviceId: 'a', position: `${log.epochOf('a')}-1` });
    publish('b');
    clock.now += 1_000;
    publish('c');
    const client = new Client(broker, { deviceIds: ['a', 'c'], after });
    await replayed();
    // Of c nothing was forgotten, and its first message came behind that of a.
    expect(client.told).toEqual(['c1 after null STREAM_RESET']);
    publish('a');
    publish('c');
    expect(client.told.slice(1)).toEqual(['a1 after null STREAM_RESET', 'c2']);
  });

  it('gets every message of its devices once, or is told, whatever is forgotten meanwhile', async () => {
    const event = fc.oneof(
      { weight: 6, arbitrary: fc.record({ publish: fc.constantFrom(...devices) }) },
      { weight: 2, arbitrary: fc.record({ laterMs: fc.constantFrom(60, 200) }) },
      {
        weight: 2,
        arbitrary: fc.record({ watch: fc.subarray([...devices], { minLength: 1 }) }),
      },
      { weight: 2, arbitrary: fc.constant('leave' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
        const { clock, log, broker, published, publish } = openSmall();
        /** Of each device: the last position, and how many of its messages are behind the client. */
        const seen = new Map<string, { last: string; count: number }>();
        let client: Client | undefined;
        const leave = async (): Promise<void> => {
          await replayed();
          for (const message of client?.got ?? []) {
            const { deviceId, gap } = message;
            const last = formatPosition(message);
            const place = published.get(deviceId)!.indexOf(last);
            const before = seen.get(deviceId)!.count;
            if (gap?.missed === null) expect(place).toBeGreaterThanOrEqual(before);
            else expect(place).toBe(before + (gap?.missed ?? 0));
            seen.set(deviceId, { last, count: place + 1 });
          }
          client?.subscription.end('CLIENT_COMPLETED');
          client = undefined;
        };
        const watch = async (deviceIds: readonly string[]): Promise<void> => {
          await leave();
          for (const deviceId of deviceIds) {
            const last = `${log.epochOf(deviceId)}-${log.lastSequence(deviceId)}`;
            const { length: count } = published.get(deviceId)!;
            if (!seen.has(deviceId)) seen.set(deviceId, { last, count });
          }
          const after = deviceIds.map((id) => ({ deviceId: id, position: seen.get(id)!.last }));
          client = new Client(broker, { deviceIds, after });
        };
        for (const each of events) {
          if (each === 'leave') await leave();
          else if ('publish' in each) publish(each.publish);
          else if ('laterMs' in each) clock.now += each.laterMs;
          else await watch(each.watch);
        }
        await leave();
      }),
      { numRuns: 150 },
    );
  });
});
