import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Arrival, Log } from '../../src/log/log.ts';
import { createMemoryLog } from '../../src/log/memory-log.ts';
import { formatPosition, parsePosition } from '../../src/log/position.ts';

function arrivalOf(deviceId: string): Arrival {
  return { deviceId, topic: `devices/${deviceId}`, payload: '{"n":1.0}', receivedAt: 1234 };
}

function append(log: Log, deviceId: string): number | undefined {
  return log.append(arrivalOf(deviceId))?.sequence;
}

describe('createMemoryLog', () => {
  it('keeps what arrived and adds the epoch and the number', () => {
    const log = createMemoryLog({ maxDevices: 1, epoch: 'e1' });
    expect(log.append(arrivalOf('a'))).toEqual({ ...arrivalOf('a'), epoch: 'e1', sequence: 1 });
    expect(log.epoch).toBe('e1');
  });

  it('numbers the messages of each device from 1 without holes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', '', '__proto__', 'constructor')), (ids) => {
        const log = createMemoryLog({ maxDevices: 10 });
        const counts = new Map<string, number>();
        for (const id of ids) {
          counts.set(id, (counts.get(id) ?? 0) + 1);
          expect(append(log, id)).toBe(counts.get(id));
        }
        expect(log.devicesKnown).toBe(counts.size);
      }),
    );
  });

  it('refuses a new device when it is full, and goes on with those it knows', () => {
    const log = createMemoryLog({ maxDevices: 2 });
    append(log, 'a');
    append(log, 'b');
    expect(append(log, 'c')).toBeUndefined();
    expect(append(log, 'a')).toBe(2);
    expect(append(log, 'b')).toBe(2);
    expect(append(log, 'c')).toBeUndefined();
    expect(log.devicesKnown).toBe(2);
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
