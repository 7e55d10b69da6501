import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Log } from '../../src/log/log.ts';
import { formatPosition, parsePosition } from '../../src/log/position.ts';
import { arrivalOf } from '../support/arrival.ts';

/** What the laws ask of one that is new. */
export interface NumberingCase {
  /** With room for so many devices. */
  readonly open: (maxDevices: number) => Log;
}

/** What every numbering holds to, whatever keeps its messages. */
export function behavesAsNumbering(name: string, { open }: NumberingCase): void {
  describe(`${name} as a numbering`, () => {
    it('numbers the messages of each device from 1 without holes, skipped or not', () => {
      const deviceId = fc.constantFrom('a', 'b', '', '__proto__', 'constructor');
      fc.assert(
        fc.property(fc.array(fc.tuple(deviceId, fc.boolean())), (calls) => {
          const log = open(10);
          const counts = new Map<string, number>();
          for (const [id, skipped] of calls) {
            const next = (counts.get(id) ?? 0) + 1;
            counts.set(id, next);
            if (skipped) expect(log.skip(arrivalOf(id))).toBe(true);
            else expect(log.append(arrivalOf(id))?.sequence).toBe(next);
            expect(log.lastSequence(id)).toBe(next);
          }
          expect(log.devicesKnown).toBe(counts.size);
        }),
      );
    });

    it('has numbered a message, and can be read for it, when the call returns', () => {
      const log = open(1);
      const message = log.append(arrivalOf('a', { payload: '{"at":1}' }))!;
      expect(log.readAfter('a', 0, 10)).toEqual([message]);
      expect(log.lastMessage('a')).toBe(message);
    });

    it('refuses a new device when it is full, without a number, and goes on with those it knows', () => {
      const log = open(2);
      log.append(arrivalOf('a'));
      log.skip(arrivalOf('b'));
      expect(log.append(arrivalOf('c'))).toBeUndefined();
      expect(log.skip(arrivalOf('c'))).toBe(false);
      expect(log.keepState(arrivalOf('c'))).toBe(false);
      const word = { online: true, at: 1, retained: false };
      expect(log.setAvailability('c', word)).toBe(false);
      expect(log.append(arrivalOf('a'))?.sequence).toBe(2);
      expect(log.devicesKnown).toBe(2);
      expect(log.device('c')).toBeUndefined();
    });

    it('has an epoch that a position can hold, and that no other one has', () => {
      const [one, two] = [open(1), open(1)];
      const message = one.append(arrivalOf('a'))!;
      expect(parsePosition(formatPosition(message))).toEqual({
        epoch: one.epochOf('a'),
        sequence: 1,
      });
      expect(two.append(arrivalOf('a'))!.epoch).not.toBe(message.epoch);
    });

    it('gives a device the epoch that it has told for it before the device was heard', () => {
      const log = open(1);
      const told = log.epochOf('a');
      expect(log.append(arrivalOf('a'))!.epoch).toBe(told);
    });

    it('marks the first message of each device behind an interruption, and no other one', () => {
      const log = open(2);
      log.append(arrivalOf('a'));
      log.interrupt('all');
      expect(log.interruption).toBe(1);
      const marked = (deviceId: string): boolean => {
        const { sequence, interruptedAt } = log.append(arrivalOf(deviceId))!;
        return sequence === interruptedAt;
      };
      expect(marked('a')).toBe(true);
      expect(marked('a')).toBe(false);
      log.interrupt('all');
      expect(marked('a')).toBe(true);
    });
  });
}
