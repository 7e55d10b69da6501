import { describe, expect, it } from 'vitest';
import { createRefusalCounter } from '../../src/metrics/refusals.ts';
import { quotaOf } from '../../src/transport/connection-quota.ts';
import type { TransportContext } from '../../src/transport/transport-context.ts';

/** A connection of which a test says what is open. */
function connection() {
  const refusals = createRefusalCounter();
  const open = { subscriptions: 0, devices: 0, statsStreams: 0 };
  const limits = { maxSubscriptionsPerConnection: 3, maxDevicesPerConnection: 10 };
  const quota = quotaOf({ refusals, limits } as TransportContext, () => open);
  return { quota, open, refused: () => refusals.counts.SUBSCRIPTIONS };
}

describe('a connection', () => {
  it('takes as many subscriptions as it may have', () => {
    const { quota, open, refused } = connection();
    open.subscriptions = 2;
    expect(quota.messages(1)).toBeUndefined();
    open.subscriptions = 3;
    expect(quota.messages(1)).toMatchObject({
      message: 'One connection takes at most 3 subscriptions.',
      extensions: { code: 'LIMIT_EXCEEDED' },
    });
    expect(refused()).toBe(1);
  });

  it('takes as many devices as its subscriptions may name together', () => {
    const { quota, open, refused } = connection();
    open.devices = 8;
    expect(quota.messages(2)).toBeUndefined();
    expect(quota.messages(3)).toMatchObject({
      message: expect.stringContaining('at most 10 devices together; these are 11') as string,
      extensions: { code: 'LIMIT_EXCEEDED' },
    });
    expect(refused()).toBe(1);
  });

  it('takes four subscriptions to brokerStats, which are none to device messages', () => {
    const { quota, open, refused } = connection();
    open.statsStreams = 3;
    expect(quota.stats()).toBeUndefined();
    open.statsStreams = 4;
    expect(quota.stats()).toMatchObject({ extensions: { code: 'LIMIT_EXCEEDED' } });
    expect(quota.messages(1)).toBeUndefined();
    expect(refused()).toBe(1);
  });
});
