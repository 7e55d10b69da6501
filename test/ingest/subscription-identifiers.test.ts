import { describe, expect, it } from 'vitest';
import { identifySubscriptions } from '../../src/ingest/subscription-identifiers.ts';

describe('identifySubscriptions', () => {
  it('gives a filter the same identifier in any configuration', () => {
    const [a, b] = identifySubscriptions(['a/+', 'b/+']).all;
    const turned = identifySubscriptions(['b/+', 'c/#', 'a/+']);
    expect(turned.all).toEqual([b, expect.any(Number), a]);
    expect([turned.indexOf(a!), turned.indexOf(b!)]).toEqual([2, 0]);
  });

  it('knows no identifier of another filter', () => {
    const [other] = identifySubscriptions(['old/+']).all;
    expect(identifySubscriptions(['a/+', 'b/+']).indexOf(other!)).toBeUndefined();
  });

  it('gives filters different identifiers of at most 28 bits', () => {
    // By chance, two of 50,000 would have one identifier in 99 of 100 cases.
    const { all } = identifySubscriptions(Array.from({ length: 50_000 }, (_, n) => `${n}/+`));
    expect(new Set(all).size).toBe(50_000);
    expect(Math.min(...all)).toBeGreaterThan(0);
    expect(Math.max(...all)).toBeLessThan(2 ** 28);
  });
});
