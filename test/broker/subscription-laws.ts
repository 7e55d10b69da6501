import { describe, expect, it } from 'vitest';
import type { QueuedSubscription } from '../../src/broker/queued-subscription.ts';
import type { DeviceMessage } from '../../src/kernel/device-message.ts';
import { settlesInThisTurn } from '../support/turn.ts';

/** Where the subscriptions under test come from, and what is published to them. */
export interface Origin {
  /** A new subscription, whose queue holds eight messages at least. */
  subscribe(...deviceIds: string[]): QueuedSubscription;
  /** Publishes the next message of the device. */
  publish(deviceId: string): DeviceMessage;
  /** Ends every subscription with this error. */
  fail(error: Error): void;
  /** How many subscriptions are open. */
  readonly open: number;
}

const done = { value: undefined, done: true };

/** What holds for every subscription, whatever its policy and wherever it comes from. */
export function behavesAsSubscription(make: () => Origin): void {
  describe('as an iterator', () => {
    it('is its own async iterator', () => {
      const subscription = make().subscribe('a');
      expect(subscription[Symbol.asyncIterator]()).toBe(subscription);
    });

    it('gets what was published before the first next()', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      const messages = [origin.publish('a'), origin.publish('a')];
      expect(await take(subscription, 2)).toEqual(messages);
    });

    it('does not get what was published before it was opened', async () => {
      const origin = make();
      origin.publish('a');
      const subscription = origin.subscribe('a');
      const message = origin.publish('a');
      expect(await take(subscription, 1)).toEqual([message]);
    });

    it('shares the message itself with every subscription that misses nothing', async () => {
      const origin = make();
      const [one, other] = [origin.subscribe('a'), origin.subscribe('b', 'a')];
      const waiting = one.next();
      const message = origin.publish('a');
      expect((await waiting).value).toBe(message);
      expect((await other.next()).value).toBe(message);
    });

    it('delivers only the devices that it asked for', async () => {
      const origin = make();
      const subscription = origin.subscribe('a', 'c');
      const waiting = subscription.next();
      origin.publish('b');
      const [a] = [origin.publish('a'), origin.publish('b')];
      const c = origin.publish('c');
      expect([(await waiting).value, (await subscription.next()).value]).toEqual([a, c]);
      expect(await settlesInThisTurn(subscription.next())).toBe(false);
    });

    it('keeps the order of what was published across devices', async () => {
      const origin = make();
      const subscription = origin.subscribe('a', 'b');
      const messages = ['a', 'b', 'b', 'a', 'b'].map((deviceId) => origin.publish(deviceId));
      expect(await take(subscription, 5)).toEqual(messages);
    });

    it('serves several pending next() in the order of the calls', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      const waiting = [subscription.next(), subscription.next(), subscription.next()];
      const messages = [origin.publish('a'), origin.publish('a')];
      const [first, second] = await Promise.all(waiting.slice(0, 2));
      expect([first?.value, second?.value]).toEqual(messages);
      expect(await settlesInThisTurn(waiting[2]!)).toBe(false);
      const third = origin.publish('a');
      expect(await waiting[2]).toEqual({ value: third, done: false });
    });

    it('leaves a next() pending while its devices are silent', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      const waiting = subscription.next();
      origin.publish('b');
      expect(await settlesInThisTurn(waiting)).toBe(false);
    });

    it('settles a pending next() when returned', async () => {
      const subscription = make().subscribe('a');
      const waiting = subscription.next();
      const returned = subscription.return();
      expect(await settlesInThisTurn(Promise.all([waiting, returned]))).toBe(true);
      expect([await waiting, await returned]).toEqual([done, done]);
    });

    it('settles every pending next() when returned', async () => {
      const subscription = make().subscribe('a');
      const waiting = Promise.all([subscription.next(), subscription.next(), subscription.next()]);
      void subscription.return();
      expect(await settlesInThisTurn(waiting)).toBe(true);
      expect(await waiting).toEqual([done, done, done]);
    });

    it('says done to every next() after the end', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      await subscription.return();
      origin.publish('a');
      expect([await subscription.next(), await subscription.next()]).toEqual([done, done]);
    });

    it('delivers nothing after the end, what was queued included', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      origin.publish('a');
      await subscription.return();
      expect(await subscription.next()).toEqual(done);
      expect(subscription.queued).toBe(0);
    });

    it('can be returned again and again', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      origin.subscribe('a');
      expect([await subscription.return(), await subscription.return()]).toEqual([done, done]);
      expect(origin.open).toBe(1);
    });

    it('has left when return() is called, before its promise settles', () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      expect(origin.open).toBe(1);
      void subscription.return();
      expect(origin.open).toBe(0);
      expect(subscription.ended).toBe(true);
    });

    it('ends and rejects with the very error when thrown into', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      const waiting = subscription.next();
      const error = new RangeError('enough');
      await expect(subscription.throw(error)).rejects.toBe(error);
      expect(await waiting).toEqual(done);
      expect(await subscription.next()).toEqual(done);
      expect(origin.open).toBe(0);
    });

    it('makes an error of anything else that is thrown into it', async () => {
      await expect(make().subscribe('a').throw('enough')).rejects.toEqual(new Error('enough'));
    });

    it('tells its error to the first next() after the end, and once', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      origin.publish('a');
      const error = new Error('broken');
      origin.fail(error);
      await expect(subscription.next()).rejects.toBe(error);
      expect(await subscription.next()).toEqual(done);
    });

    it('tells its error to the first pending next(), and done to the others', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      const waiting = [subscription.next(), subscription.next(), subscription.next()];
      const error = new Error('broken');
      origin.fail(error);
      expect(await Promise.allSettled(waiting)).toEqual([
        { status: 'rejected', reason: error },
        { status: 'fulfilled', value: done },
        { status: 'fulfilled', value: done },
      ]);
      expect(await subscription.next()).toEqual(done);
    });

    it('keeps its first end: a later error is not told', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      await subscription.return();
      origin.fail(new Error('too late'));
      subscription.end('INTERNAL_ERROR', new Error('too late'));
      expect(await subscription.next()).toEqual(done);
    });

    it('ends where its scope ends', async () => {
      const origin = make();
      {
        await using subscription = origin.subscribe('a');
        expect(subscription.ended).toBe(false);
        expect(origin.open).toBe(1);
      }
      expect(origin.open).toBe(0);
    });

    it('ends with the loop that is left by break', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      const messages = [origin.publish('a'), origin.publish('a'), origin.publish('a')];
      const seen: DeviceMessage[] = [];
      for await (const message of subscription) {
        seen.push(message);
        if (seen.length === 2) break;
      }
      expect(seen).toEqual(messages.slice(0, 2));
      expect(origin.open).toBe(0);
      expect(await subscription.next()).toEqual(done);
    });

    it('ends with the loop that is left by an error', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      origin.publish('a');
      const read = async (): Promise<void> => {
        for await (const message of subscription) throw new Error(message.deviceId);
      };
      await expect(read()).rejects.toEqual(new Error('a'));
      expect(origin.open).toBe(0);
    });

    it('lets a loop run out when something else ends it', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      const message = origin.publish('a');
      const seen: DeviceMessage[] = [];
      for await (const each of subscription) {
        seen.push(each);
        subscription.end('SHUTTING_DOWN');
      }
      expect(seen).toEqual([message]);
    });

    it('leaves the others alone when it ends', async () => {
      const origin = make();
      const [one, other] = [origin.subscribe('a'), origin.subscribe('a')];
      await one.return();
      const message = origin.publish('a');
      expect(await take(other, 1)).toEqual([message]);
    });
  });

  describe('as one of a kind', () => {
    it('refuses a sink while a next() is pending, and goes on', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      const waiting = subscription.next();
      expect(() => subscription.attach(idleSink)).toThrow(TypeError);
      const message = origin.publish('a');
      expect((await waiting).value).toBe(message);
    });

    it('refuses a second sink', () => {
      const subscription = make().subscribe('a');
      subscription.attach(idleSink);
      expect(() => subscription.attach(idleSink)).toThrow(TypeError);
    });

    it('refuses next() beside a sink, and takes nothing from it', async () => {
      const origin = make();
      const subscription = origin.subscribe('a');
      subscription.attach(idleSink);
      origin.publish('a');
      await expect(subscription.next()).rejects.toThrow(TypeError);
      expect(subscription.queued).toBe(1);
    });
  });
}

/** Takes nothing. */
const idleSink = {
  writable: false,
  write(): void {
    throw new Error('it is not writable');
  },
  end(): void {},
};

async function take(subscription: QueuedSubscription, count: number): Promise<unknown[]> {
  const messages: unknown[] = [];
  while (messages.length < count) messages.push((await subscription.next()).value);
  return messages;
}
