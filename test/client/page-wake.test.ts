import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSluiceClient } from '../../client/index.ts';
import { startPlayedGateway } from '../support/played-gateway.ts';
import { Statuses } from '../support/statuses.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

/** What there is of a page. */
class CountedTarget extends EventTarget {
  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    listeners += 1;
    super.addEventListener(...args);
  }
  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
    listeners -= 1;
    super.removeEventListener(...args);
  }
}
let listeners = 0;
const page = new CountedTarget();
const shown = Object.assign(new CountedTarget(), { visibilityState: 'visible' });
const anHour = 3_600_000;

beforeEach(() => {
  vi.stubGlobal('document', shown);
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe.each([
  ['is shown again', () => shown.dispatchEvent(new Event('visibilitychange'))],
  ['is back online', () => page.dispatchEvent(new Event('online'))],
] as const)('a page that %s', (_what, wake) => {
  it('does not wait for the next attempt', async () => {
    await using gateway = await startPlayedGateway();
    await using proxy = await startTcpProxy(new URL(gateway.url).origin);
    const statuses = new Statuses();
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const client = createSluiceClient({
      url: `${proxy.url}/graphql`,
      onStatus: statuses.take,
      minRetryMs: anHour,
      maxRetryMs: anHour,
    });
    client.subscribe('subscription { anything }', {});
    await statuses.until('live');
    proxy.cut();
    await statuses.until('reconnecting');
    expect(statuses.last).toMatchObject({ attempt: 1 });
    wake();
    await statuses.until('live', 2);
    await client.close();
    vi.restoreAllMocks();
  });

  it('pings at once', async () => {
    await using gateway = await startPlayedGateway();
    const statuses = new Statuses();
    const client = createSluiceClient({
      url: gateway.url,
      onStatus: statuses.take,
      pingIntervalMs: anHour,
    });
    client.subscribe('subscription { anything }', {});
    await statuses.until('live');
    wake();
    await until('the ping was answered', () => {
      const { last } = statuses;
      return last?.state === 'live' && last.latencyMs !== undefined;
    });
    expect(listeners).toBe(2);
    await client.close();
    expect(listeners).toBe(0);
  });
});
