import { describe, expect, it } from 'vitest';
import { createRefusalCounter } from '../../src/observe/refusals.ts';
import { admissionTo } from '../../src/transport/connection-admission.ts';
import type { TransportContext } from '../../src/transport/transport-context.ts';

/** A connection of which a test says what is open. */
function connection() {
  const refusals = createRefusalCounter();
  const open = { subscriptions: 0, devices: 0, statsStreams: 0 };
  const limits = { maxSubscriptionsPerConnection: 3, maxDevicesPerConnection: 10 };
  const admission = admissionTo({ refusals, limits } as TransportContext, () => open);
  return { admission, open, refused: () => refusals.counts.SUBSCRIPTIONS };
}

describe('a connection', () => {
  it('takes as many subscriptions as it may have', () => {
    const { admission, open, refused } = connection();
    open.subscriptions = 2;
    expect(admission.messages(1)).toBeUndefined();
    open.subscriptions = 3;
    expect(admission.messages(1)).toMatchObject({
      message: 'One connection takes at most 3 subscriptions.',
      extensions: { code: 'LIMIT_EXCEEDED' },
    });
    expect(refused()).toBe(1);
  });

  it('takes as many devices as its subscriptions may name together', () => {
    const { admission, open, refused } = connection();
    open.devices = 8;
    expect(admission.messages(2)).toBeUndefined();
    expect(admission.messages(3)).toMatchObject({
      message: expect.stringContaining('at most 10 devices together; these are 11') as string,
      extensions: { code: 'LIMIT_EXCEEDED' },
    });
    expect(refused()).toBe(1);
  });

  it('takes four subscriptions to brokerStats, which are none to device messages', () => {
    const { admission, open, refused } = connection();
    open.statsStreams = 3;
    expect(admission.stats()).toBeUndefined();
    open.statsStreams = 4;
    expect(admission.stats()).toMatchObject({ extensions: { code: 'LIMIT_EXCEEDED' } });
    expect(admission.messages(1)).toBeUndefined();
    expect(refused()).toBe(1);
  });
});
