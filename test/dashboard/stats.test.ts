import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type * as StatsState from '../../client/web/state/stats.ts';
import type * as ConnectionState from '../../client/web/state/connection.ts';
import type { SluiceClient } from '../../client/index.ts';
import type { StatsPoint } from '../../client/web/state/stats.ts';
import { Inbox } from '../support/inbox.ts';
import { stubPageGlobals } from '../support/page-globals.ts';
import { endOfTurn } from '../support/turn.ts';

let state: typeof StatsState;
let connection: typeof ConnectionState;
beforeEach(async () => {
  vi.resetModules();
  stubPageGlobals();
  state = await import('../../client/web/state/stats.ts');
  connection = await import('../../client/web/state/connection.ts');
});
afterEach(() => vi.unstubAllGlobals());

type Stats = StatsPoint['stats'];

const at = (uptimeSeconds: number, messagesDelivered = 0) =>
  ({ uptimeSeconds, messagesDelivered }) as Stats;

/** A client whose gateway tells these snapshots. */
function telling(...snapshots: readonly Stats[]) {
  const inbox = new Inbox<{ brokerStats: Stats }>();
  for (const brokerStats of snapshots) inbox.push({ brokerStats });
  const stream = {
    next: async () => ({ done: false, value: await inbox.next() }),
    return: () => Promise.resolve({ done: true, value: undefined }),
    [Symbol.asyncIterator]: () => stream,
  };
  connection.client.value = { subscribe: () => stream } as unknown as SluiceClient;
  return inbox;
}

it('tells how much a counter grew in a second', async () => {
  telling(at(10, 100), at(12, 140));
  await vi.waitFor(() => expect(state.history.value).toHaveLength(2));
  expect(state.perSecond(state.latest.value!, (of) => of.messagesDelivered)).toBe(20);
  expect(state.perSecond(state.history.value[0]!, (of) => of.messagesDelivered)).toBe(0);
});

it('begins anew when the gateway was restarted', async () => {
  telling(at(10, 100), at(11, 200), at(0, 5));
  await vi.waitFor(() => expect(state.latest.value?.stats.uptimeSeconds).toBe(0));
  expect(state.history.value).toHaveLength(1);
  expect(state.perSecond(state.latest.value!, (of) => of.messagesDelivered)).toBe(0);
});

it('keeps ten minutes', async () => {
  telling(...Array.from({ length: 1_000 }, (_, n) => at(n)));
  await vi.waitFor(() => expect(state.latest.value?.stats.uptimeSeconds).toBe(999));
  expect(state.history.value).toHaveLength(600);
});

it('says why no more come, until more come', async () => {
  const inbox = telling(at(1));
  await endOfTurn();
  inbox.end(new Error('refused'));
  await vi.waitFor(() => expect(state.statsError.value).toBe('refused'));
  telling(at(2));
  await vi.waitFor(() => expect(state.statsError.value).toBeUndefined());
});
