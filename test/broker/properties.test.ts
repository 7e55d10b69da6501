import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBroker, type Broker } from '../../src/broker/broker.ts';
import { total } from '../../src/metrics/counts.ts';
import { overflowPolicies, type OverflowPolicy } from '../../src/broker/overflow-policy.ts';
import type { Sink } from '../../src/broker/sink.ts';
import type { QueuedSubscription } from '../../src/broker/queued-subscription.ts';
import type { DeviceMessage, Gap } from '../../src/kernel/device-message.ts';
import { createMemoryLog } from '../../src/log/memory-log.ts';
import { arrivalOf } from '../support/arrival.ts';

const devices = ['a', 'b', 'c'] as const;

interface Listener {
  readonly deviceIds: readonly string[];
  readonly overflow: OverflowPolicy;
  readonly maxQueued: number;
  readonly consumer: 'iterator' | 'sink';
}

/** `who` is taken modulo the number of listeners. */
type Step =
  | { readonly kind: 'publish'; readonly deviceId: string }
  | { readonly kind: 'open' }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'take'; readonly who: number; readonly count: number }
  | { readonly kind: 'stall' | 'return' | 'fail'; readonly who: number };

const anyListener: fc.Arbitrary<Listener> = fc.record({
  deviceIds: fc.subarray([...devices], { minLength: 1 }),
  overflow: fc.constantFrom(...overflowPolicies),
  maxQueued: fc.integer({ min: 1, max: 5 }),
  consumer: fc.constantFrom('iterator', 'sink'),
});

const who = fc.nat(7);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      deviceId: fc.constantFrom(...devices, 'unheard'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('take' as const),
      who,
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('stall' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('open' as const, 'interrupt') }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('return' as const, 'fail' as const), who }),
  },
);

/** What a subscription should do, told in the plainest way: arrays that are copied and filtered. */
class Model {
  readonly delivered: DeviceMessage[] = [];
  dropped = 0;
  conflated = 0;
  /** What waited when it ended. */
  discarded = 0;
  queue: DeviceMessage[] = [];
  failed = false;
  ended = false;
  readonly #listener: Listener;
  /** How many messages the consumer would take at once. */
  #demand = 0;
  #newestOnly = false;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  publish(message: DeviceMessage): void {
    if (this.ended || !this.#listener.deviceIds.includes(message.deviceId)) return;
    this.queue.push(message);
    this.#flow();
    const { overflow, maxQueued } = this.#listener;
    if (overflow === 'LATEST') this.#conflate();
    if (this.queue.length <= maxQueued) return;
    this.dropped += 1;
    if (overflow === 'DROP_NEWEST' || overflow === 'DISCONNECT') this.queue.pop();
    else this.queue.shift();
    if (overflow === 'DISCONNECT') this.end(true);
  }

  take(count: number): void {
    this.#demand += count;
    this.#flow();
  }

  stall(): void {
    this.#demand = 0;
  }

  end(failed = false): void {
    if (this.ended) return;
    this.ended = true;
    this.failed = failed;
    this.discarded = this.queue.length;
    this.queue = [];
  }

  #flow(): void {
    while (this.#demand > 0 && this.queue.length > 0) {
      this.#demand -= 1;
      this.delivered.push(this.queue.shift()!);
    }
    if (this.queue.length === 0) this.#newestOnly = false;
  }

  #conflate(): void {
    if (this.queue.length > this.#listener.maxQueued) this.#newestOnly = true;
    if (!this.#newestOnly) return;
    const newest = this.queue.filter(
      ({ deviceId }, i) => !this.queue.slice(i + 1).some((later) => later.deviceId === deviceId),
    );
    this.conflated += this.queue.length - newest.length;
    this.queue = newest;
  }
}

/** A subscription with its consumer, beside its model. */
class Witness implements Sink {
  readonly listener: Listener;
  readonly model: Model;
  readonly subscription: QueuedSubscription;
  readonly delivered: { readonly message: DeviceMessage; readonly gap: Gap | null }[] = [];
  sinkEnds = 0;
  errors = 0;
  /** Those of its devices, while it was open. */
  published = 0;
  /** The last number of each device before it was opened. */
  readonly #before: ReadonlyMap<string, number>;
  readonly #interruptions: Interruptions;
  readonly #openedAfter: number;
  /** How many messages its sink takes before it is not writable any more. */
  #credit = 0;
  readonly #reads: Promise<void>[] = [];

  constructor(
    broker: Broker,
    listener: Listener,
    before: ReadonlyMap<string, number>,
    interruptions: Interruptions,
  ) {
    this.listener = listener;
    this.model = new Model(listener);
    this.#before = before;
    this.#interruptions = interruptions;
    this.#openedAfter = interruptions.count;
    this.subscription = broker.subscribe(listener);
    if (listener.consumer === 'sink') this.subscription.attach(this);
  }

  get writable(): boolean {
    return this.#credit > 0;
  }

  write(message: DeviceMessage, gap: Gap | null): void {
    this.#credit -= 1;
    this.delivered.push({ message, gap });
  }

  end(_reason: string, error: Error | undefined): void {
    this.sinkEnds += 1;
    if (error !== undefined) this.errors += 1;
  }

  /** The broker is about to publish it. */
  expectMessage(message: DeviceMessage): void {
    const isOurs = this.listener.deviceIds.includes(message.deviceId);
    if (isOurs && !this.subscription.ended) this.published += 1;
    this.model.publish(message);
  }

  take(count: number): void {
    this.model.take(count);
    if (this.listener.consumer === 'sink') {
      this.#credit += count;
      this.subscription.feedSink();
    } else {
      for (let i = 0; i < count; i += 1) this.#reads.push(this.#read());
    }
  }

  /** A pending `next()` cannot be taken back: an iterator stalls by not asking for more. */
  stall(): void {
    if (this.listener.consumer === 'iterator') return;
    this.#credit = 0;
    this.model.stall();
  }

  fail(): void {
    this.model.end(true);
    this.subscription.end('INTERNAL_ERROR', new Error('failed'));
  }

  return(): void {
    this.model.end();
    void this.subscription.return();
  }

  /** Resolves when nobody waits for it any more. */
  async finish(): Promise<void> {
    this.return();
    if (this.listener.consumer === 'iterator') this.take(2);
    await Promise.all(this.#reads);
  }

  async #read(): Promise<void> {
    try {
      const { value } = await this.subscription.next();
      if (value === undefined) return;
      const { gap = null, ...message } = value;
      this.delivered.push({ message, gap });
    } catch {
      this.errors += 1;
    }
  }

  /** Between two messages of a device there is what the gap says and nothing else; so they are in order, too. */
  expectGaps(): void {
    const last = new Map(this.#before);
    const interruptions = new Map<string, number>();
    for (const { message, gap } of this.delivered) {
      expect(this.listener.deviceIds).toContain(message.deviceId);
      const missed = message.sequence - (last.get(message.deviceId) ?? 0) - 1;
      expect(missed).toBeGreaterThanOrEqual(0);
      last.set(message.deviceId, message.sequence);
      const count = this.#interruptions.before(message);
      const wasInterrupted = count > (interruptions.get(message.deviceId) ?? this.#openedAfter);
      interruptions.set(message.deviceId, count);
      if (wasInterrupted) {
        expect(gap).toEqual({ missed: null, reason: 'SOURCE_INTERRUPTED' });
        continue;
      }
      expect(gap === null ? 0 : gap.missed).toBe(missed);
      if (gap !== null) expect(missed).toBeGreaterThan(0);
      if (this.listener.overflow !== 'LATEST') expect(gap?.reason).not.toBe('CONFLATED');
    }
  }
}

/** Those of the source, counted beside the log. */
class Interruptions {
  count = 0;
  readonly #before = new Map<string, number>();

  published({ deviceId, sequence }: DeviceMessage): void {
    this.#before.set(`${deviceId}${sequence}`, this.count);
  }

  /** How many there were when it was published. */
  before({ deviceId, sequence }: DeviceMessage): number {
    return this.#before.get(`${deviceId}${sequence}`)!;
  }
}

/** All of them at once on one broker; `afterStep` is called after each step, and when all have ended. */
async function play(
  listeners: readonly Listener[],
  steps: readonly Step[],
  afterStep: (broker: Broker, witnesses: readonly Witness[]) => void,
): Promise<readonly Witness[]> {
  const log = createMemoryLog({ maxDevices: 10 });
  const broker = createBroker({ queueSize: 5, overflow: 'DROP_NEWEST', history: log });
  const interruptions = new Interruptions();
  const sequences = new Map<string, number>();
  const witnesses = listeners.map(
    (options) => new Witness(broker, options, new Map(), interruptions),
  );

  for (const taken of steps) {
    if (taken.kind === 'publish') {
      const message = log.append(arrivalOf(taken.deviceId))!;
      interruptions.published(message);
      sequences.set(message.deviceId, message.sequence);
      for (const witness of witnesses) witness.expectMessage(message);
      broker.publish(message);
    } else if (taken.kind === 'interrupt') {
      interruptions.count += 1;
      log.interrupt('all');
    } else if (taken.kind === 'open') {
      const options = listeners[witnesses.length % listeners.length]!;
      witnesses.push(new Witness(broker, options, new Map(sequences), interruptions));
    } else {
      const witness = witnesses[taken.who % witnesses.length]!;
      if (taken.kind === 'take') witness.take(taken.count);
      else witness[taken.kind]();
    }
    afterStep(broker, witnesses);
  }
  await Promise.all(witnesses.map((witness) => witness.finish()));
  afterStep(broker, witnesses);
  return witnesses;
}

const game = [
  fc.array(anyListener, { minLength: 1, maxLength: 5 }),
  fc.array(anyStep, { maxLength: 120 }),
] as const;
const often = { numRuns: 400 };

function sum(witnesses: readonly Witness[], of: (witness: Witness) => number): number {
  return witnesses.reduce((soFar, witness) => soFar + of(witness), 0);
}

describe('whatever is published, read, stalled, resumed and ended in whatever order', () => {
  it('delivers in order per device, no foreign device, and accounts for every missing message', async () => {
    await fc.assert(
      fc.asyncProperty(...game, async (listeners, steps) => {
        const witnesses = await play(listeners, steps, () => {});
        for (const witness of witnesses) witness.expectGaps();
      }),
      often,
    );
  });

  it('keeps delivered + dropped + conflated + queued equal to what was published, at any time', async () => {
    await fc.assert(
      fc.asyncProperty(...game, async (listeners, steps) => {
        await play(listeners, steps, ({ counters }, witnesses) => {
          const { dropped, conflated, queued } = counters;
          const { delivered } = counters.byTransport.library;
          const published = sum(witnesses, (witness) => witness.published);
          expect(delivered + total(dropped) + conflated + queued).toBe(published);
          expect(queued).toBe(sum(witnesses, ({ subscription }) => subscription.queued));
          expect(dropped.QUEUE_OVERFLOW).toBe(
            sum(witnesses, ({ subscription }) => subscription.dropped),
          );
        });
      }),
      often,
    );
  });

  it('never queues more than maxQueued', async () => {
    await fc.assert(
      fc.asyncProperty(...game, async (listeners, steps) => {
        await play(listeners, steps, (_broker, witnesses) => {
          for (const { subscription } of witnesses) {
            expect(subscription.queued).toBeLessThanOrEqual(subscription.maxQueued);
          }
        });
      }),
      often,
    );
  });

  it('does what the model of each policy does, subscription by subscription', async () => {
    await fc.assert(
      fc.asyncProperty(...game, async (listeners, steps) => {
        const witnesses = await play(listeners, steps, ({ counters }, playing) => {
          for (const { model, subscription } of playing) {
            expect(subscription.queued).toBe(model.queue.length);
            expect(subscription.dropped).toBe(model.dropped);
            expect(subscription.ended).toBe(model.ended);
          }
          expect(counters.byTransport.library.delivered).toBe(
            sum(playing, ({ model }) => model.delivered.length),
          );
          expect(counters.conflated).toBe(sum(playing, ({ model }) => model.conflated));
          expect(counters.dropped.SUBSCRIPTION_ENDED).toBe(
            sum(playing, ({ model }) => model.discarded),
          );
          expect(counters.byTransport.library.activeSubscribers).toBe(
            sum(playing, ({ model }) => (model.ended ? 0 : 1)),
          );
        });
        for (const { delivered, model } of witnesses) {
          expect(delivered.map(({ message }) => message)).toEqual(model.delivered);
        }
      }),
      often,
    );
  });

  it('ends each sink once, and tells each consumer its error once', async () => {
    await fc.assert(
      fc.asyncProperty(...game, async (listeners, steps) => {
        const witnesses = await play(listeners, steps, () => {});
        for (const {
          model,
          sinkEnds,
          errors,
          listener: { consumer },
        } of witnesses) {
          expect(sinkEnds).toBe(consumer === 'sink' ? 1 : 0);
          expect(errors).toBe(model.failed ? 1 : 0);
        }
      }),
      often,
    );
  });

  it('leaves no device monitored when all have ended', async () => {
    await fc.assert(
      fc.asyncProperty(...game, async (listeners, steps) => {
        let devicesMonitored = Number.NaN;
        await play(listeners, steps, (broker) => {
          devicesMonitored = broker.devicesMonitored;
        });
        expect(devicesMonitored).toBe(0);
      }),
      often,
    );
  });
});
