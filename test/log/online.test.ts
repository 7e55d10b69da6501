import { describe, expect, it } from 'vitest';
import type { DeviceRecord } from '../../src/log/device-directory.ts';
import { isOnline, type OnlineRule } from '../../src/log/online.ts';

const now = 10_000;
const byTopic: OnlineRule = { hasTopic: true, silenceTimeoutMs: undefined };
const bySilence: OnlineRule = { hasTopic: false, silenceTimeoutMs: 1_000 };
const byBoth: OnlineRule = { hasTopic: true, silenceTimeoutMs: 1_000 };

function device(
  lastSeenAt: number | null,
  said?: [online: boolean, at: number, retained?: boolean],
): DeviceRecord {
  const availability =
    said === undefined ? null : { online: said[0], at: said[1], retained: said[2] ?? false };
  return { deviceId: 'a', ordinal: 0, epoch: 'e', sequence: 1, lastSeenAt, availability };
}

describe('a device', () => {
  it.each<[string, OnlineRule, DeviceRecord, boolean | null]>([
    ['that told nothing', byTopic, device(now), null],
    ['that said it is there', byTopic, device(null, [true, 1]), true],
    ['whose last will was told', byTopic, device(5, [false, 6]), false],
    ['that never sent, whose last will was told', byTopic, device(null, [false, 6]), false],
    ['that has sent since its last will', byTopic, device(7, [false, 6]), true],
    ['that sent within the time-out', bySilence, device(now - 1_000), true],
    ['that has been silent for longer', bySilence, device(now - 1_001), false],
    ['that said it is there and is silent', byBoth, device(1, [true, 2]), false],
    [
      'that is silent and said at some time that it is there',
      byBoth,
      device(1, [true, now, true]),
      false,
    ],
    ['that is silent and says it is there now', byBoth, device(1, [true, now]), true],
    [
      'that sends and whose last will was told after that',
      byBoth,
      device(now - 2, [false, now - 1]),
      false,
    ],
    ['that told nothing of itself and sends', byBoth, device(now), true],
  ])('%s', (_what, rule, record, online) => {
    expect(isOnline(record, rule, now)).toBe(online);
  });

  it('is neither where there is no rule', () => {
    const rule = { hasTopic: false, silenceTimeoutMs: undefined };
    expect(isOnline(device(now), rule, now)).toBe(null);
  });
});
