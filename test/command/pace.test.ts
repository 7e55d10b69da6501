import { describe, expect, it } from 'vitest';
import { createPace } from '../../src/command/pace.ts';

describe('createPace', () => {
  it.each([0.1, 1, 7, 333, 60_000])(
    'holds %d messages a second, however often it is asked',
    (perSecond) => {
      const pace = createPace({ perSecond, startedAt: 5 });
      let told = 0;
      for (let ms = 0; ms <= 10_000; ms += 3) told += pace.due(5 + ms);
      told += pace.due(10_005);
      expect(told).toBe(Math.floor(perSecond * 10));
    },
  );

  it('takes nothing back when the clock goes back', () => {
    const pace = createPace({ perSecond: 10, startedAt: 0 });
    expect(pace.due(1_000)).toBe(10);
    expect(pace.due(500)).toBe(0);
    expect(pace.due(1_100)).toBe(1);
  });
});
