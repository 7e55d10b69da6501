import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceOrder } from '../../src/log/device-order.ts';

describe('DeviceOrder', () => {
  it('hands over what is there from any ordinal on, whoever has come and gone', () => {
    const size = fc.constantFrom(1, 5, 1_023, 1_024, 1_025, 3_000);
    const step = fc.record({ adds: size, removes: size, from: fc.nat(), skips: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        const order = new DeviceOrder<{ ordinal: number }>();
        let there: { ordinal: number }[] = [];
        let next = 0;
        for (const { adds, removes, from, skips } of steps) {
          for (let i = 0; i < adds; i += 1, next += 1 + skips) {
            const device = { ordinal: next };
            there.push(device);
            order.add(device);
          }
          const first = from % there.length;
          const leaving = new Set(there.slice(first, first + removes));
          for (const device of leaving) order.remove(device);
          there = there.filter((device) => !leaving.has(device));
          expect(order.from(0, Infinity)).toEqual(there);
          for (const ordinal of [from % (next + 1), first, next - 1, next]) {
            const expected = there.filter((device) => device.ordinal >= ordinal);
            expect(order.from(ordinal, 3)).toEqual(expected.slice(0, 3));
            expect(order.from(ordinal, 1_100)).toEqual(expected.slice(0, 1_100));
          }
          expect(order.from(0, 0)).toEqual([]);
          if (there.length === 0) break;
        }
      }),
      { numRuns: 60 },
    );
  });
});
