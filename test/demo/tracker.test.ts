import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTracker, trackerId, type Reading } from '../../src/demo/tracker.ts';

function readings(seed: number, count: number, elapsedMs = 1_000): Reading[] {
  const tracker = createTracker(seed);
  return Array.from({ length: count }, () => tracker.step(elapsedMs));
}

function metresBetween(from: Reading, to: Reading): number {
  const north = (to.lat - from.lat) * 111_320;
  const east = (to.lon - from.lon) * 111_320 * Math.cos((from.lat * Math.PI) / 180);
  return Math.hypot(north, east);
}

describe('createTracker', () => {
  it('makes the same journey for the same seed and another one for another', () => {
    expect(readings(7, 50)).toEqual(readings(7, 50));
    expect(readings(7, 50)).not.toEqual(readings(8, 50));
  });

  it('moves as far as its speed says', () => {
    const journey = readings(1, 600);
    for (const [i, to] of journey.entries()) {
      const from = journey[i - 1];
      if (from === undefined) continue;
      // Speed is rounded to 0.1 m/s and each coordinate to about 0.1 m.
      expect(Math.abs(metresBetween(from, to) - to.speed)).toBeLessThan(0.3);
    }
  });

  it('goes where its heading says', () => {
    const journey = readings(2, 600);
    for (const [i, to] of journey.entries()) {
      const from = journey[i - 1];
      if (from === undefined || to.speed < 5) continue;
      const east = (to.lon - from.lon) * Math.cos((from.lat * Math.PI) / 180);
      const gone = (Math.atan2(east, to.lat - from.lat) * 180) / Math.PI;
      const difference = Math.abs(((gone - to.heading + 540) % 360) - 180);
      expect(difference).toBeLessThan(3);
    }
  });

  it('stays near its city, however long it drives', () => {
    const start = readings(3, 1)[0]!;
    for (const reading of readings(3, 20_000)) {
      expect(metresBetween(start, reading)).toBeLessThan(12_000);
    }
  });

  it('drains its battery and charges it while it stands', () => {
    const journey = readings(4, 30_000);
    const levels = journey.map(({ battery }) => battery);
    expect(Math.min(...levels)).toBeGreaterThanOrEqual(14);
    expect(Math.max(...levels)).toBeLessThanOrEqual(100);
    const gains = journey.filter((to, i) => i > 0 && to.battery > journey[i - 1]!.battery);
    expect(gains.length).toBeGreaterThan(0);
    expect(gains.filter(({ speed }) => speed === 0).length / gains.length).toBeGreaterThan(0.9);
  });

  it('reads within sensible bounds at any pace', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 3_600_000 }), (seed, elapsedMs) => {
        for (const reading of readings(seed, 5, elapsedMs)) {
          expect(reading.heading).toBeGreaterThanOrEqual(0);
          expect(reading.heading).toBeLessThan(360);
          expect(reading.speed).toBeGreaterThanOrEqual(0);
          expect(reading.speed).toBeLessThan(25);
          expect(reading.battery).toBeGreaterThanOrEqual(0);
          expect(reading.battery).toBeLessThanOrEqual(100);
          expect(Math.abs(reading.temperature)).toBeLessThan(60);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('rounds what it reads', () => {
    for (const { lat, heading, battery } of readings(5, 100)) {
      expect(String(lat)).toMatch(/^\d+(\.\d{1,6})?$/);
      expect(String(heading)).toMatch(/^\d+(\.\d)?$/);
      expect(String(battery)).toMatch(/^\d+(\.\d)?$/);
    }
  });
});

describe('trackerId', () => {
  it('counts from one, with three digits at least', () => {
    expect([trackerId(0), trackerId(19), trackerId(1_233)]).toEqual([
      'tracker-001',
      'tracker-020',
      'tracker-1234',
    ]);
  });
});
