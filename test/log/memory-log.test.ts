import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageOverheadBytes } from '../../src/log/kept-messages.ts';
import type { Log } from '../../src/log/log.ts';
import {
  createMemoryLog,
  devicesLookedAt,
  type MemoryLogOptions,
} from '../../src/log/memory-log.ts';

import { formatPosition, parsePosition } from '../../src/log/position.ts';
import { arrivalOf } from '../support/arrival.ts';
import { behavesAsHistory } from './history-laws.ts';
import { behavesAsNumbering } from './numbering-laws.ts';

/** The numbers of what is kept of a device. */
function kept(log: Log, deviceId: string, behind = 0): number[] {
  return log.readAfter(deviceId, behind, 1_000_000).map(({ sequence }) => sequence);
}

function append(log: Log, deviceId: string): number | undefined {
  return log.append(arrivalOf(deviceId))?.sequence;
}

behavesAsNumbering('the memory log', {
  open: (maxDevices) => createMemoryLog({ maxDevices, historySize: 10 }),
});
behavesAsHistory('the memory log', {
  open: (historySize) => createMemoryLog({ maxDevices: 10, historySize }),
});

describe('createMemoryLog', () => {
  it('keeps what arrived and adds the epoch and the number', () => {
    const log = createMemoryLog({ maxDevices: 1, epoch: 'e1' });
    const { payloadBytes: _, atMostOnce: _qos, ...arrived } = arrivalOf('a');
    const place = { epoch: 'e1', sequence: 1, interruption: 0, interruptedAt: 0 };
    expect(log.append(arrivalOf('a'))).toEqual({ ...arrived, ...place });
    expect(log.epoch).toBe('e1');
  });

  it('adds to a retained message when its device was last seen, and to no other', () => {
    const log = createMemoryLog({ maxDevices: 1 });
    const first = arrivalOf('a', { receivedAt: 1, retained: true });
    expect(log.append(first)).toHaveProperty('lastSeenAt', null);
    expect(log.append(arrivalOf('a', { receivedAt: 2 }))).not.toHaveProperty('lastSeenAt');
    // One of which nothing is kept counts as well.
    log.skip(arrivalOf('a', { receivedAt: 3 }));
    const last = arrivalOf('a', { receivedAt: 4, retained: true });
    expect(log.append(last)).toHaveProperty('lastSeenAt', 3);
    expect(log.device('a')).toMatchObject({ lastSeenAt: 3 });
  });

  it('does not number what it refuses', () => {
    const log = createMemoryLog({ maxDevices: 0 });
    expect(append(log, 'a')).toBeUndefined();
    expect(log.devicesKnown).toBe(0);
  });

  it('has an epoch of its own that a position can hold', () => {
    const [one, two] = [createMemoryLog({ maxDevices: 1 }), createMemoryLog({ maxDevices: 1 })];
    const message = one.append(arrivalOf('a'))!;
    expect(message.epoch).toBe(one.epoch);
    expect(parsePosition(formatPosition(message))).toEqual({ epoch: one.epoch, sequence: 1 });
    expect(one.epoch).not.toBe(two.epoch);
  });
});

describe('the history', () => {
  it('keeps nothing when it is not asked to', () => {
    const log = createMemoryLog({ maxDevices: 10 });
    append(log, 'a');
    expect(log.keeps).toBe(false);
    expect(kept(log, 'a')).toEqual([]);
    expect(log.oldestKept('a')).toBe(2);
    expect(log.bytes).toBe(0);
  });

  it('keeps the newest messages of each device', () => {
    const log = createMemoryLog({ maxDevices: 10, historySize: 3 });
    for (let i = 0; i < 5; i += 1) append(log, 'a');
    append(log, 'b');
    expect(kept(log, 'a')).toEqual([3, 4, 5]);
    expect(kept(log, 'b')).toEqual([1]);
    expect(log.oldestKept('a')).toBe(3);
    expect(log.oldestKept('unknown')).toBe(1);
  });

  it('keeps a message for so long, with or without newer ones', () => {
    const clock = { now: 0 };
    const log = createMemoryLog({
      maxDevices: 10,
      historySize: 10,
      historyTtlMs: 100,
      now: () => clock.now,
    });
    log.append(arrivalOf('a', { receivedAt: 0 }));
    log.append(arrivalOf('b', { receivedAt: 60 }));
    log.append(arrivalOf('a', { receivedAt: 100 }));
    expect(kept(log, 'a')).toEqual([1, 2]);
    log.append(arrivalOf('b', { receivedAt: 101 }));
    expect(kept(log, 'a')).toEqual([2]);
    clock.now = 1_000;
    expect(kept(log, 'a')).toEqual([]);
    expect(log.oldestKept('a')).toBe(3);
    expect(log.bytes).toBe(0);
  });

  it('lets the oldest go when all together take too much, of whichever device they are', () => {
    const each = messageOverheadBytes + 100;
    const log = createMemoryLog({ maxDevices: 10, historySize: 10, historyMaxBytes: 3 * each });
    for (const id of ['a', 'b', 'a', 'c'])
      log.append(arrivalOf(id, { receivedAt: 0, payload: 'x'.repeat(100) }));
    expect([kept(log, 'a'), kept(log, 'b'), kept(log, 'c')]).toEqual([[2], [1], [1]]);
    expect(log.bytes).toBe(3 * each);
    log.append(arrivalOf('d', { receivedAt: 0, payload: 'x'.repeat(10 * each) }));
    expect(['a', 'b', 'c', 'd'].flatMap((id) => kept(log, id))).toEqual([]);
    expect(log.bytes).toBe(0);
  });

  it('numbers messages that are skipped', () => {
    const log = createMemoryLog({ maxDevices: 1 });
    expect(log.skip(arrivalOf('a', { receivedAt: 7 }))).toBe(true);
    expect(log.device('a')).toMatchObject({ sequence: 1, lastSeenAt: 7, ordinal: 0 });
    expect(append(log, 'a')).toBe(2);
    expect(log.skip(arrivalOf('b', { receivedAt: 7 }))).toBe(false);
  });

  it('lists devices in the order in which they were first heard', () => {
    const log = createMemoryLog({ maxDevices: 10 });
    for (const id of ['c', 'a', 'b', 'a']) append(log, id);
    expect(log.devices(0, 10).map(({ deviceId }) => deviceId)).toEqual(['c', 'a', 'b']);
    expect(log.devices(1, 1).map(({ deviceId }) => deviceId)).toEqual(['a']);
    expect(log.devices(3, 1)).toEqual([]);
  });

  it('keeps what a list of all messages says is left', () => {
    const ids = ['a', 'b', 'c'];
    const step = fc.record({
      id: fc.constantFrom(...ids),
      after: fc.nat({ max: 30 }),
      length: fc.nat({ max: 400 }),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 3_000 }),
        (steps, historySize, historyMaxBytes) => {
          const clock = { now: 0 };
          const ttl = 100;
          const log = createMemoryLog({
            maxDevices: 3,
            historySize,
            historyTtlMs: ttl,
            historyMaxBytes,
            now: () => clock.now,
          });
          let all: { id: string; sequence: number; at: number; bytes: number }[] = [];
          const sum = () => all.reduce((total, { bytes }) => total + bytes, 0);
          for (const { id, after, length } of steps) {
            clock.now += after;
            const message = log.append(
              arrivalOf(id, { receivedAt: clock.now, payload: 'x'.repeat(length) }),
            )!;
            all = all.filter(({ at }) => at >= clock.now - ttl);
            const own = all.filter((each) => each.id === id);
            if (own.length === historySize) all.splice(all.indexOf(own[0]!), 1);
            const { sequence } = message;
            all.push({ id, sequence, at: clock.now, bytes: length + messageOverheadBytes });
            while (sum() > historyMaxBytes) all.shift();
            expect(log.bytes).toBe(sum());
            for (const each of ids) {
              const expected = all.filter((one) => one.id === each).map((one) => one.sequence);
              expect(kept(log, each)).toEqual(expected);
            }
          }
        },
      ),
    );
  });
});

describe('an interruption of the source', () => {
  function marks(log: Log, deviceId: string): number[] {
    return log.readAfter(deviceId, 0, 100).map(({ interruptedAt }) => interruptedAt);
  }

  it('stands with the next message of each device, once', () => {
    const log = createMemoryLog({ maxDevices: 10, historySize: 10 });
    append(log, 'a');
    log.interrupt('all');
    log.interrupt('all');
    for (const id of ['a', 'a', 'b', 'b']) append(log, id);
    expect(marks(log, 'a')).toEqual([0, 2, 2]);
    expect(marks(log, 'b')).toEqual([1, 1]);
    expect(log.interruption).toBe(2);
  });

  it('that spares queued messages stands with devices of which one ever came at QoS 0', () => {
    const log = createMemoryLog({ maxDevices: 10, historySize: 10 });
    log.append(arrivalOf('lossy', { atMostOnce: true }));
    for (const id of ['lossy', 'safe']) append(log, id);
    log.interrupt('at-most-once');
    for (const id of ['lossy', 'safe', 'new']) append(log, id);
    log.append(arrivalOf('new-lossy', { atMostOnce: true }));
    expect(marks(log, 'lossy')).toEqual([0, 0, 3]);
    expect(marks(log, 'safe')).toEqual([0, 0]);
    expect(marks(log, 'new')).toEqual([0]);
    expect(marks(log, 'new-lossy')).toEqual([1]);
  });

  it('that spares queued messages hides none before it that does not', () => {
    const log = createMemoryLog({ maxDevices: 10, historySize: 10 });
    append(log, 'a');
    log.interrupt('all');
    log.interrupt('at-most-once');
    append(log, 'a');
    expect(marks(log, 'a')).toEqual([0, 2]);
  });

  it('is counted by messages of which nothing is kept', () => {
    const log = createMemoryLog({ maxDevices: 10 });
    append(log, 'a');
    log.interrupt('all');
    log.skip(arrivalOf('a'));
    expect(append(log, 'a')).toBe(3);
    expect(log.interruptionAt('a', 1)).toBeLessThan(1);
    expect(log.interruptionAt('a', 2)).toBe(1);
    expect(log.interruptionAt('a', 4)).toBe(1);
  });

  it('counts ahead of the last message only where it may have cost some', () => {
    const log = createMemoryLog({ maxDevices: 10 });
    append(log, 'a');
    log.append(arrivalOf('lossy', { atMostOnce: true }));
    log.interrupt('at-most-once');
    expect(log.interruptionAt('a', 2)).toBe(0);
    expect(log.interruptionAt('lossy', 1)).toBe(0);
    expect(log.interruptionAt('lossy', 2)).toBe(1);
    // Nobody knows how it will send.
    expect(log.interruptionAt('unheard', 1)).toBe(1);
  });
});

describe('what the MQTT broker had retained', () => {
  const retained = (deviceId: string, receivedAt = 500, payload = '{}') =>
    arrivalOf(deviceId, { retained: true, receivedAt, payload });

  it('is a message that does not say when its device was last seen', () => {
    const log = createMemoryLog({ maxDevices: 10, historySize: 10 });
    expect(log.append(retained('a'))).toMatchObject({ retained: true, sequence: 1 });
    expect(log.device('a')!.lastSeenAt).toBe(null);
    log.append(arrivalOf('a', { receivedAt: 300 }));
    log.append(retained('a'));
    expect(log.device('a')).toMatchObject({ lastSeenAt: 300, sequence: 3 });
    log.skip(retained('a'));
    expect(log.device('a')).toMatchObject({ lastSeenAt: 300, sequence: 4 });
  });

  it('as a state is the last message of a device that has sent none, and stands in no history', () => {
    const log = createMemoryLog({ maxDevices: 10, historySize: 2, now: () => 0 });
    expect(log.keepState(retained('a', 500, '"old"'))).toBe(true);
    expect(log.keepState(retained('a', 500, '"new"'))).toBe(true);
    expect(log.lastMessage('a')).toMatchObject({ payload: '"new"', sequence: 0 });
    expect(log.device('a')).toMatchObject({ sequence: 0, lastSeenAt: null });
    expect([kept(log, 'a'), log.oldestKept('a'), log.lastSequence('a')]).toEqual([[], 1, 0]);
    append(log, 'a');
    log.keepState(retained('a', 500, '"late"'));
    expect(log.lastMessage('a')).toMatchObject({ sequence: 1 });
    expect(kept(log, 'a')).toEqual([1]);
    append(log, 'a');
    expect(kept(log, 'a')).toEqual([1, 2]);
  });

  it('as a state finds no place in a full log', () => {
    const log = createMemoryLog({ maxDevices: 0 });
    expect(log.keepState(retained('a'))).toBe(false);
  });

  it('is the last message no more when it was deleted, and still stands in the history', () => {
    const log = createMemoryLog({ maxDevices: 10, historySize: 10, now: () => 0 });
    log.append(retained('a'));
    log.clear('a', 'another/topic');
    expect(log.lastMessage('a')).toBeDefined();
    log.clear('a', 'devices/a/messages');
    expect(log.lastMessage('a')).toBeUndefined();
    expect(kept(log, 'a')).toEqual([1]);
    append(log, 'a');
    expect(log.lastMessage('a')).toMatchObject({ sequence: 2 });
    log.clear('unheard', 'devices/unheard/messages');
    expect(log.devicesKnown).toBe(1);
  });

  it('as availability keeps the time of what is known already', () => {
    const log = createMemoryLog({ maxDevices: 10 });
    log.setAvailability('a', { online: false, at: 1, retained: false });
    log.setAvailability('a', { online: false, at: 5, retained: true });
    expect(log.device('a')!.availability).toEqual({ online: false, at: 1, retained: false });
    log.setAvailability('a', { online: true, at: 6, retained: true });
    expect(log.device('a')!.availability).toEqual({ online: true, at: 6, retained: true });
  });
});

/** A full log whose devices make room after more than 100 ms, with a clock that goes on by one with each message. */
class Crowd {
  now = 0;
  readonly watched = new Set<string>();
  readonly forgotten: string[] = [];
  readonly log: Log;
  /** How many devices were asked for their watchers. */
  asked = 0;

  constructor(maxDevices: number, options: Partial<MemoryLogOptions> = {}) {
    this.log = createMemoryLog({
      maxDevices,
      deviceTtlMs: 100,
      historySize: 10,
      epoch: 'e',
      watched: (deviceId) => {
        this.asked += 1;
        return this.watched.has(deviceId);
      },
      forgotten: (deviceId) => this.forgotten.push(deviceId),
      now: () => this.now,
      ...options,
    });
  }

  /** The position of the device's next message; undefined when it was refused. */
  hear(deviceId: string): string | undefined {
    this.now += 1;
    const message = this.log.append(arrivalOf(deviceId, { receivedAt: this.now }));
    return message && formatPosition(message);
  }

  get ids(): string[] {
    return this.log.devices(0, Infinity).map(({ deviceId }) => deviceId);
  }
}

describe('a full log', () => {
  it('forgets a device that is silent, with all its messages, when a new one is heard', () => {
    const crowd = new Crowd(2);
    for (const id of ['a', 'a', 'b']) crowd.hear(id);
    const { bytes } = crowd.log;
    crowd.now += 100;
    crowd.hear('b');
    expect(crowd.ids).toEqual(['a', 'b']);
    crowd.hear('c');
    expect(crowd.ids).toEqual(['b', 'c']);
    expect(crowd.forgotten).toEqual(['a']);
    expect(crowd.log).toMatchObject({ devicesKnown: 2, devicesForgotten: 1 });
    expect(crowd.log.device('a')).toBeUndefined();
    expect(kept(crowd.log, 'a')).toEqual([]);
    // Two of a have gone, one of b and one of c have come.
    expect(crowd.log.bytes).toBe(bytes);
  });

  it('forgets nobody while there is room, or before the time', () => {
    const crowd = new Crowd(3);
    crowd.hear('a');
    crowd.now += 1_000;
    for (const id of ['b', 'c']) expect(crowd.hear(id)).toBeDefined();
    crowd.now += 97;
    crowd.hear('a');
    expect(crowd.hear('d')).toBeUndefined();
    expect(crowd.forgotten).toEqual([]);
    expect(crowd.hear('d')).toBeDefined();
    expect(crowd.forgotten).toEqual(['b']);
  });

  it('never forgets a device that is watched', () => {
    const crowd = new Crowd(2);
    crowd.watched.add('a');
    for (const id of ['a', 'b']) crowd.hear(id);
    crowd.now += 1_000;
    crowd.hear('b');
    expect(crowd.hear('c')).toBeUndefined();
    crowd.now += 1_000;
    expect(crowd.hear('c')).toBeDefined();
    expect(crowd.ids).toEqual(['a', 'c']);
    expect(crowd.hear('a')).toBe('e-2');
  });

  it('counts the word of its availability as heard, and makes room for that as well', () => {
    const crowd = new Crowd(2);
    for (const id of ['a', 'b']) crowd.hear(id);
    expect(crowd.log.setAvailability('a', { online: true, at: 150, retained: false })).toBe(true);
    expect(crowd.log.setAvailability('c', { online: true, at: 160, retained: false })).toBe(true);
    expect(crowd.ids).toEqual(['a', 'c']);
    expect(crowd.log.skip(arrivalOf('d', { receivedAt: 200 }))).toBe(false);
    expect(crowd.log.skip(arrivalOf('d', { receivedAt: 251 }))).toBe(true);
    expect(crowd.ids).toEqual(['c', 'd']);
  });

  it('looks at a few devices for each new one, and goes on where it was', () => {
    const crowd = new Crowd(10 * devicesLookedAt);
    for (let i = 0; i < 10 * devicesLookedAt; i += 1) {
      crowd.hear(`d${i}`);
      crowd.watched.add(`d${i}`);
    }
    crowd.now += 1_000;
    crowd.watched.delete('d500');
    let refused = 0;
    while (crowd.hear('new') === undefined) refused += 1;
    expect(refused).toBe(Math.floor(500 / devicesLookedAt));
    expect(crowd.asked).toBe(501);
    expect(crowd.forgotten).toEqual(['d500']);
  });

  it('asks for nothing when a device that it knows is heard', () => {
    const crowd = new Crowd(1);
    for (let i = 0; i < 10; i += 1) crowd.hear('a');
    crowd.now += 1_000;
    crowd.hear('a');
    expect(crowd.asked).toBe(0);
  });

  it('gives a device that comes back a new epoch and the next ordinal', () => {
    const crowd = new Crowd(1);
    expect(crowd.hear('a')).toBe('e-1');
    expect(crowd.log.epochOf('a')).toBe('e');
    crowd.now += 1_000;
    expect(crowd.hear('b')).toBe('e1-1');
    expect(crowd.log.epochOf('a')).toBe('e1');
    crowd.now += 1_000;
    expect(crowd.hear('a')).toBe('e2-1');
    expect(crowd.log.device('a')).toMatchObject({ ordinal: 2, epoch: 'e2' });
    expect(crowd.log.epoch).toBe('e');
  });

  it('has one epoch for all that are heard between two times of need', () => {
    const crowd = new Crowd(4);
    for (const id of ['a', 'b', 'c', 'd']) crowd.hear(id);
    crowd.now += 1_000;
    const positions = ['f', 'g', 'h', 'i'].map((id) => crowd.hear(id));
    expect(positions).toEqual(['e1-1', 'e1-1', 'e1-1', 'e1-1']);
  });

  it('never takes a position of before for one of after, whatever is heard and forgotten', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const step = fc.record({
      id: fc.constantFrom(...ids),
      laterMs: fc.constantFrom(0, 0, 0, 60, 200),
      watches: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 80 }),
        fc.integer({ min: 1, max: 4 }),
        (steps, max) => {
          const crowd = new Crowd(max);
          const { log } = crowd;
          /** What a client may hold: the position, and how often its device had been forgotten by then. */
          const held: { id: string; epoch: string; life: number }[] = [];
          const lifeOf = (id: string): number =>
            crowd.forgotten.filter((each) => each === id).length;
          const hold = (id: string): void => {
            held.push({ id, epoch: log.epochOf(id), life: lifeOf(id) });
          };
          let ordinal = -1;
          for (const { id, laterMs, watches } of steps) {
            crowd.now += laterMs;
            if (watches) crowd.watched.add(id);
            else crowd.watched.delete(id);
            // Of a device that was not heard yet as well, as `currentPositions` says it.
            hold(id);
            const known = log.device(id);
            const [before, wasAt] = [log.lastSequence(id), known?.ordinal];
            const position = crowd.hear(id);
            if (position !== undefined) {
              expect(position).toBe(`${log.epochOf(id)}-${before + 1}`);
              const now = log.device(id)!.ordinal;
              if (wasAt === undefined) expect(now).toBeGreaterThan(ordinal);
              else expect(now).toBe(wasAt);
              ordinal = Math.max(ordinal, now);
            }
            hold(id);
            for (const each of held) {
              if (each.epoch === log.epochOf(each.id)) expect(each.life).toBe(lifeOf(each.id));
            }
            expect(log.devicesKnown).toBe(crowd.ids.length);
            expect(log.devicesKnown).toBeLessThanOrEqual(max);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the memory of the history', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;

  /** What is in use after a collection, in bytes, for as long as `of` is there. */
  function used(of: unknown): number {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 5; i += 1) {
      collect();
      least = Math.min(least, process.memoryUsage().heapUsed);
    }
    return of === undefined ? 0 : least;
  }

  /** As it comes out of a buffer: a string of its own. */
  function payloadOf(i: number, length: number): string {
    return Buffer.from(`{"n":${i},"x":"`.padEnd(length - 2, 'x') + '"}').toString('latin1');
  }

  function fill(log: Log, devices: number, each: number, length: number): void {
    for (let k = 0; k < each; k += 1) {
      for (let i = 0; i < devices; i += 1) {
        const deviceId = `device-${i}`;
        const payload = payloadOf(i, length);
        log.append(arrivalOf(deviceId, { payload, payloadBytes: length }));
      }
    }
  }

  it.each([60, 200, 2_000])('is what the log says, with payloads of %i bytes', (length) => {
    // So much that what else comes and goes in this process is little beside it.
    const devices = Math.ceil(400_000 / length);
    const log = createMemoryLog({ maxDevices: 100_000, historySize: 64 });
    fill(log, devices, 1, length);
    const [before, saidBefore] = [used(log), log.bytes];
    fill(log, devices, 63, length);
    const real = used(log) - before;
    const said = log.bytes - saidBefore;
    expect(said / real).toBeGreaterThan(0.85);
    expect(said / real).toBeLessThan(1.25);
  });

  it('is less than 150 MB for 100,000 devices with one message each', () => {
    const before = used({});
    const log = createMemoryLog({ maxDevices: 1_000_000, historySize: 100 });
    fill(log, 100_000, 1, 300);
    expect(used(log) - before).toBeLessThan(150e6);
    expect(log.devicesKnown).toBe(100_000);
    expect(kept(log, 'device-99999')).toEqual([1]);
  });
});
