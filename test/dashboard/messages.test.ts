import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as MessagesState from '../../client/web/state/messages.ts';
import type * as WatchedState from '../../client/web/state/watched.ts';
import type * as ConnectionState from '../../client/web/state/connection.ts';
import type { DeviceMessage, DeviceMessageStream, SluiceClient } from '../../client/index.ts';
import { dashboardMessage } from '../support/dashboard-message.ts';
import { Inbox } from '../support/inbox.ts';
import { stubPageGlobals, type PageGlobals } from '../support/page-globals.ts';
import { endOfTurn } from '../support/turn.ts';

let page: PageGlobals;
let messages: typeof MessagesState;
let watched: typeof WatchedState;
let connection: typeof ConnectionState;
beforeEach(async () => {
  vi.resetModules();
  page = stubPageGlobals();
  messages = await import('../../client/web/state/messages.ts');
  watched = await import('../../client/web/state/watched.ts');
  connection = await import('../../client/web/state/connection.ts');
});
afterEach(() => vi.unstubAllGlobals());

type Options = Parameters<SluiceClient['deviceMessages']>[0];

/** A client whose streams bring what the test says, and tell how they are changed. */
function playedClient() {
  const inbox = new Inbox<DeviceMessage>();
  const opened: Options[] = [];
  const changes: string[] = [];
  const client = {
    deviceMessages(options: Options) {
      opened.push(options);
      const stream: Partial<DeviceMessageStream> = {
        next: async () => ({ done: false, value: await inbox.next() }),
        return: () => {
          changes.push('return');
          return Promise.resolve({ done: true, value: undefined });
        },
        add: (...ids) => void changes.push(`add ${ids.join()}`),
        remove: (...ids) => void changes.push(`remove ${ids.join()}`),
        [Symbol.asyncIterator]: () => stream as DeviceMessageStream,
      };
      return stream;
    },
  };
  return {
    client: client as unknown as SluiceClient,
    opened,
    changes,
    bring: async (...arriving: readonly DeviceMessage[]) => {
      for (const each of arriving) inbox.push(each);
      while (inbox.untaken.length > 0) await endOfTurn();
      await endOfTurn();
    },
    fail: (error: Error) => inbox.end(error),
  };
}

const shown = () =>
  messages
    .newestEntries()
    .map((entry) => (entry.kind === 'message' ? entry.text : `gap ${entry.gap.reason}`));

describe('the list of messages', () => {
  it('has the newest first, with what was missed in front of a message', async () => {
    const { client, bring } = playedClient();
    connection.client.value = client;
    watched.watch('a');
    const gap = { missed: 3, reason: 'QUEUE_OVERFLOW' } as const;
    await bring(dashboardMessage(1), dashboardMessage(2, { gap }));
    expect(shown()).toEqual(['2', 'gap QUEUE_OVERFLOW', '1']);
    expect(messages.messageCount()).toBe(2);
  });

  it('is told once for all that comes before a picture', async () => {
    const { client, bring } = playedClient();
    connection.client.value = client;
    watched.watch('a');
    await bring(dashboardMessage(1), dashboardMessage(2));
    expect(messages.arrivals.value).toBe(0);
    page.drawFrame();
    expect(messages.arrivals.value).toBe(1);
  });

  it('has none of a device that was let go meanwhile', async () => {
    const { client, bring } = playedClient();
    connection.client.value = client;
    watched.watch('a', 'b');
    await bring(dashboardMessage(1));
    watched.unwatch('a');
    await bring(dashboardMessage(2), dashboardMessage(3, { deviceId: 'b' }));
    expect(shown()).toEqual(['3', '1']);
    expect(messages.lastMessages.has('a')).toBe(false);
  });

  it('is bounded in entries', async () => {
    const { client, bring } = playedClient();
    connection.client.value = client;
    watched.watch('a');
    await bring(...Array.from({ length: 5_000 }, (_, n) => dashboardMessage(n)));
    expect(shown().length).toBeLessThanOrEqual(messages.mostEntries * 1.2);
    expect(shown()[0]).toBe('4999');
  });

  it('is bounded in characters, and has the newest message however large it is', async () => {
    const { client, bring } = playedClient();
    connection.client.value = client;
    watched.watch('a');
    const large = 'x'.repeat(250_000);
    for (let n = 0; n < 100; n += 1) await bring(dashboardMessage(large));
    expect(shown().join('').length).toBeLessThanOrEqual(8_000_000 * 1.2);
    await bring(dashboardMessage('y'.repeat(10_000_000)));
    expect(shown()).toHaveLength(1);
    messages.clearEntries();
    expect(shown()).toEqual([]);
  });
});

describe('the stream', () => {
  it('is one, which devices join and leave', () => {
    const { client, opened, changes } = playedClient();
    watched.watch('a');
    expect(opened).toEqual([]);
    connection.client.value = client;
    watched.watch('b', 'c');
    watched.unwatch('a');
    expect(opened).toHaveLength(1);
    expect(opened[0]).toMatchObject({ deviceIds: ['a'], replay: messages.replay, after: [] });
    expect(changes).toEqual(['add b,c', 'remove a']);
    watched.unwatchAll();
    expect(changes.at(-1)).toBe('return');
  });

  it('of another client goes on behind what was shown', async () => {
    const first = playedClient();
    const second = playedClient();
    connection.client.value = first.client;
    watched.watch('a', 'silent');
    const message = dashboardMessage(1);
    await first.bring(message);
    connection.client.value = second.client;
    expect(first.changes).toEqual(['return']);
    expect(second.opened[0]?.after).toEqual([{ deviceId: 'a', position: message.position }]);
  });

  it('says why it ended, and the next choice of devices begins a new one', async () => {
    const { client, opened, fail } = playedClient();
    connection.client.value = client;
    watched.watch('a');
    fail(new Error('refused'));
    await vi.waitFor(() => expect(messages.streamError.value).toBe('refused'));
    watched.watch('b');
    expect(opened.map(({ deviceIds }) => deviceIds)).toEqual([['a'], ['a', 'b']]);
  });
});
