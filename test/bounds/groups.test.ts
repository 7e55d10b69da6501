import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Groups } from '../../src/bounds/groups.ts';

describe('groups', () => {
  it('have their members in the order in which they came', () => {
    const groups = new Groups<number>();
    for (const member of [3, 1, 2]) groups.add('a', member);
    groups.delete('a', 3);
    groups.add('a', 3);
    expect([...groups.get('a')]).toEqual([1, 2, 3]);
    expect([...groups.get('b')]).toEqual([]);
  });

  it('know how many members there are and which group has most, whatever was added and deleted', () => {
    const step = fc.record({
      adds: fc.boolean(),
      name: fc.constantFrom('a', 'b', 'c', '__proto__'),
      member: fc.nat(6),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const groups = new Groups<number>();
        const model = new Map<string, Set<number>>();
        for (const { adds, name, member } of steps) {
          const group = model.get(name) ?? new Set();
          if (adds) {
            groups.add(name, member);
            model.set(name, group.add(member));
          } else {
            groups.delete(name, member);
            group.delete(member);
          }
          expect([...groups.get(name)]).toEqual([...group]);
          const sizes = [...model.values()].map(({ size }) => size);
          expect(groups.size).toBe(sizes.reduce((sum, size) => sum + size, 0));
          const { largest } = groups;
          if (groups.size === 0) expect(largest).toBeUndefined();
          else expect(model.get(largest!)!.size).toBe(Math.max(...sizes));
        }
      }),
    );
  });
});
