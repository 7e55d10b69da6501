import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSharedBytes } from '../../src/bounds/shared-bytes.ts';
import { createHolder, type TestHolder } from '../support/holder.ts';

const maxBytes = 160;

function open() {
  const refused: [string, number][] = [];
  const bytes = createSharedBytes({
    maxBytes,
    refused: ({ caller: { who } }, count) => refused.push([who, count]),
  });
  return { bytes, refused };
}

describe('shared bytes', () => {
  it('are taken and given back', () => {
    const { bytes, refused } = open();
    const a = createHolder();
    expect(bytes.take(a, 100)).toBe(true);
    expect(bytes.take(a, 60)).toBe(true);
    expect(bytes.taken).toBe(maxBytes);
    bytes.give(a, 30);
    expect(bytes.taken).toBe(130);
    bytes.give(a, Number.POSITIVE_INFINITY);
    expect(bytes.taken).toBe(0);
    expect(refused).toEqual([]);
  });

  it('go to a newcomer, and whoever holds most is ended for it', () => {
    const { bytes, refused } = open();
    const [small, large, newcomer] = [createHolder(), createHolder('large'), createHolder()];
    bytes.take(small, 40);
    bytes.take(large, 120);
    expect(bytes.take(newcomer, 30)).toBe(true);
    expect([small.ended, large.ended, newcomer.ended]).toEqual([false, true, false]);
    expect(refused).toEqual([['large', 120]]);
    expect(bytes.taken).toBe(70);
  });

  it('are refused to whoever would hold most, and nobody is ended for that', () => {
    const { bytes, refused } = open();
    const [other, asking] = [createHolder(), createHolder('asking')];
    bytes.take(other, 70);
    bytes.take(asking, 80);
    expect(bytes.take(asking, 20)).toBe(false);
    expect([other.ended, asking.ended]).toEqual([false, false]);
    expect(refused).toEqual([['asking', 20]]);
    expect(bytes.taken).toBe(150);
  });

  it('are refused to whoever asks for more than there are', () => {
    const { bytes } = open();
    const other = createHolder();
    bytes.take(other, maxBytes);
    expect(bytes.take(createHolder(), maxBytes + 1)).toBe(false);
    expect(other.ended).toBe(false);
  });

  it('have some room left once a connection was ended', () => {
    const { bytes } = open();
    const holders = Array.from({ length: 16 }, () => createHolder());
    for (const holder of holders) bytes.take(holder, 10);
    bytes.take(createHolder(), 5);
    expect(holders.filter(({ ended }) => ended)).toHaveLength(2);
  });

  it('stay with the others when a connection that was ended gives back what it held', () => {
    const { bytes } = open();
    const [ended, newcomer] = [createHolder(), createHolder()];
    bytes.take(ended, 150);
    bytes.take(newcomer, 50);
    expect(ended.ended).toBe(true);
    bytes.give(ended, 150);
    expect(bytes.taken).toBe(50);
  });

  it('are the sum of what connections hold, and never more than there are', () => {
    const holder = fc.nat(4);
    const amount = fc.integer({ min: 1, max: 100 });
    const step = fc.record({ holder, amount, takes: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { bytes } = open();
        const held = new Map<TestHolder, number>();
        const holders = Array.from({ length: 5 }, () => createHolder());
        for (const { holder: index, amount: count, takes } of steps) {
          const asking = holders[index]!;
          const before = held.get(asking) ?? 0;
          if (!takes) {
            bytes.give(asking, count);
            held.set(asking, Math.max(0, before - count));
          } else {
            const taken = bytes.take(asking, count);
            for (const [other, holds] of held) {
              if (!other.ended) continue;
              // Only for somebody who does not hold more, and who then has its bytes.
              expect(taken && (other === asking || holds >= before + count)).toBe(true);
              held.delete(other);
              holders[holders.indexOf(other)] = createHolder();
            }
            expect(asking.ended).toBe(false);
            if (taken) held.set(asking, before + count);
          }
          expect(bytes.taken).toBe([...held.values()].reduce((sum, each) => sum + each, 0));
          expect(bytes.taken).toBeLessThanOrEqual(maxBytes);
        }
      }),
    );
  });
});
