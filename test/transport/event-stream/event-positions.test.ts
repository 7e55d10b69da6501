import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPosition, type Position } from '../../../src/log/position.ts';
import {
  EventPositions,
  headOf,
  idOfOneDevice,
  seenPositions,
} from '../../../src/transport/event-stream/event-positions.ts';
import { createMessages } from '../../support/messages.ts';

const template = createMessages()('a');

function positionsOf(entries: Readonly<Record<string, Position>>): EventPositions {
  return new EventPositions(new Map(Object.entries(entries)));
}

/** Where a client that comes back with this id is to go on, by device. */
function placesIn(id: string, deviceIds: readonly string[]): Record<string, string | null> {
  const seen = seenPositions(id)!;
  return Object.fromEntries(
    deviceIds.flatMap((deviceId) => {
      const text = seen.of(deviceId);
      return text === undefined ? [] : [[deviceId, text]];
    }),
  );
}

const position = fc.record({
  epoch: fc.constantFrom('m3k9x2', 'm3k9x21', 'm3k9x2a'),
  sequence: fc.oneof(fc.nat(100), fc.maxSafeNat()),
});

describe('the id of an event', () => {
  it('holds the position of every device of the stream, and no other', () => {
    const positions = positionsOf({
      a: { epoch: 'e', sequence: 35 },
      b: { epoch: 'e1', sequence: 0 },
    });
    expect(positions.id).toMatch(/^1,e:[\w-]{10}z,e1:[\w-]{10}0$/);
    expect(placesIn(positions.id, ['b', 'x', 'a'])).toEqual({ a: 'e-35', b: 'e1-0' });
  });

  it('says where the stream has come to, whatever came', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const message = fc.tuple(fc.constantFrom(...ids), position);
    fc.assert(
      fc.property(
        fc.array(position, { minLength: 4, maxLength: 4 }),
        fc.array(message),
        (at, messages) => {
          const places = new Map(ids.map((id, i) => [id, at[i]!]));
          const positions = positionsOf(Object.fromEntries(places));
          const head = headOf(positions)!;
          for (const [deviceId, place] of messages) {
            places.set(deviceId, place);
            expect(head({ ...template, deviceId, ...place }).toString()).toBe(
              `id: ${positions.id}\n`,
            );
            const expected = [...places].map(([id, each]) => [id, formatPosition(each)] as const);
            expect(placesIn(positions.id, ids)).toEqual(Object.fromEntries(expected));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is the same from a stream of one device as from its message alone', () => {
    fc.assert(
      fc.property(position, (at) => {
        expect(idOfOneDevice({ ...template, ...at })).toBe(positionsOf({ a: at }).id);
      }),
    );
  });

  it('stands in bytes that no later message changes', () => {
    const at = { epoch: 'e', sequence: 1 };
    const head = headOf(positionsOf({ a: at, b: at }))!;
    const first = head({ ...template, epoch: 'e', sequence: 2 });
    const text = first.toString();
    head({ ...template, epoch: 'e', sequence: 3 });
    expect(first.toString()).toBe(text);
  });

  it('changes in place: its length is that of the longest number', () => {
    const positions = positionsOf({
      a: { epoch: 'e', sequence: 34 },
      b: { epoch: 'e', sequence: 0 },
    });
    const head = headOf(positions)!;
    const lengthAt = (sequence: number): number =>
      head({ ...template, epoch: 'e', sequence }).length;
    const before = lengthAt(35);
    // A digit more for each of the two devices.
    expect(lengthAt(36)).toBe(before + 2);
    expect(lengthAt(1_295)).toBe(before + 2);
  });

  it('says nothing when the client gives none', () => {
    expect(seenPositions(undefined)).toBeUndefined();
  });
});

describe('an id that no gateway has made', () => {
  const key = 'ypeBEsobvc';
  const full = 65_536;

  it.each([
    ['of another kind', 'nonsense'],
    ['of the format of before, with keys of 36 bits', 'mwugm5k212lk:ypeBEs.1,ypeBEt.2'],
    ['without a device', '1,e:'],
    ['without an epoch', `1,:${key}0`],
    ['with an epoch that is too long', `1,${'e'.repeat(33)}:${key}0`],
    ['with a width of no digits', `0,e:${key}`],
    ['with a width of more digits than a number has', `c,e:${key}${'0'.repeat(12)}`],
    ['with a number that is cut off', `2,e:${key}0`],
    ['with a number below zero', `2,e:${key}-1`],
    ['with a number that is none', `2,e:${key}_1`],
    ['with a number in capitals', `2,e:${key}0A`],
    ['with a number beyond 2^53', `b,e:${key}2gosa7pa2gw`],
    ['with one device twice', `1,e:${key}0${key}0`],
    ['with one device in two epochs', `1,e:${key}0,e1:${key}0`],
    ['that is longer than any header', `1,e:${'x'.repeat(full)}`],
    ['with 64 KiB of one device', `1,e:${`${key}0`.repeat(5_957)}`],
    ['with 64 KiB of epochs', `1${',e:x'.repeat(full / 4 - 1)}`],
    ['with 64 KiB of commas', ','.repeat(full)],
  ])('is one of a log that nobody knows: %s', (_what, id) => {
    expect(placesIn(id, ['a', 'b'])).toEqual({ a: null, b: null });
  });

  it('is read up to the largest number', () => {
    const id = idOfOneDevice({ ...template, epoch: 'e', sequence: Number.MAX_SAFE_INTEGER });
    expect(id).toMatch(/2gosa7pa2gv$/);
    expect(placesIn(id, ['a'])).toEqual({ a: `e-${Number.MAX_SAFE_INTEGER}` });
  });
});
