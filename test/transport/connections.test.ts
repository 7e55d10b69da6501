import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { libraryCaller } from '../../src/kernel/caller.ts';
import {
  createConnections,
  type ClientConnection,
  type Connections,
} from '../../src/transport/connections.ts';
import { createKeepAliveWheel, type KeepAliveWheel } from '../../src/transport/keep-alive.ts';

const keepAliveMs = 20_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Started {
  readonly connections: Connections;
  readonly wheel: KeepAliveWheel;
  /** Opens a connection, which notes what it is asked for; `goes` says what makes it go. */
  readonly open: (goes?: 'drain' | 'terminate' | 'never') => {
    readonly connection: ClientConnection;
    readonly asked: string[];
  };
}

function start(): Started {
  const wheel = createKeepAliveWheel(keepAliveMs);
  const connections = createConnections(wheel);
  return {
    connections,
    wheel,
    open(goes = 'never') {
      const asked: string[] = [];
      const ask = (what: string) => () => {
        asked.push(what);
        if (what === goes) connections.remove(connection);
      };
      const connection: ClientConnection = {
        caller: libraryCaller('test'),
        keepAlive: ask('keepAlive'),
        drain: ask('drain'),
        terminate: ask('terminate'),
      };
      connections.add(connection);
      return { connection, asked };
    },
  };
}

/** What has come out of the promise by now; the time does not go on for it. */
async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  await vi.advanceTimersByTimeAsync(0);
  return Promise.race([promise, Promise.resolve('still pending')]);
}

describe('connections', () => {
  it('are counted by transport, each once', () => {
    const { connections, open } = start();
    const { connection } = open();
    open();
    expect(connections.byTransport).toMatchObject({ library: 2, websocket: 0, 'plain-sse': 0 });
    connections.remove(connection);
    connections.remove(connection);
    expect(connections.byTransport.library).toBe(1);
  });

  it('count those that are open', () => {
    const { connections, open } = start();
    const { connection } = open();
    open();
    expect(connections.size).toBe(2);
    connections.remove(connection);
    connections.remove(connection);
    expect(connections.size).toBe(1);
  });

  it('are kept alive for as long as they are open', () => {
    const { connections, open } = start();
    const { connection, asked } = open();
    vi.advanceTimersByTime(keepAliveMs);
    expect(asked).toEqual(['keepAlive']);
    connections.remove(connection);
    vi.advanceTimersByTime(keepAliveMs);
    expect(asked).toEqual(['keepAlive']);
  });
});

describe('admit', () => {
  it('lets everybody in, but on a connection beyond the limit', () => {
    const { connections } = start();
    expect(connections.admit({ refused: false })).toBeUndefined();
    expect(connections.admit({ refused: true })).toMatchObject({ reason: 'CONNECTIONS' });
  });
});

describe('close', () => {
  it('resolves at once when there is no connection, and opens no more', async () => {
    const { connections } = start();
    expect(await outcomeOf(connections.close(1_000))).toBe(0);
    expect(connections.admit({ refused: false })).toMatchObject({ reason: 'SHUTTING_DOWN' });
  });

  it('resolves when the last one has drained', async () => {
    const { connections, open } = start();
    const [one, other] = [open(), open()];
    const closed = connections.close(1_000);
    expect([one.asked, other.asked]).toEqual([['drain'], ['drain']]);
    expect(connections.admit({ refused: false })).toMatchObject({ reason: 'SHUTTING_DOWN' });
    connections.remove(one.connection);
    expect(await outcomeOf(closed)).toBe('still pending');
    connections.remove(other.connection);
    expect(await outcomeOf(closed)).toBe(0);
  });

  it('resolves for all who call it, and drains once', async () => {
    const { connections, open } = start();
    const { connection, asked } = open();
    const closed = [connections.close(1_000), connections.close(5)];
    await vi.advanceTimersByTimeAsync(500);
    closed.push(connections.close(1_000));
    expect(asked).toEqual(['drain']);
    connections.remove(connection);
    for (const each of closed) expect(await outcomeOf(each)).toBe(0);
    expect(await outcomeOf(connections.close(1_000))).toBe(0);
  });

  it('resolves when all go while they are asked to drain', async () => {
    const { connections, open } = start();
    const opened = [open('drain'), open('drain'), open('drain')];
    expect(await outcomeOf(connections.close(1_000))).toBe(0);
    for (const { asked } of opened) expect(asked).toEqual(['drain']);
  });

  it('terminates those that are still there after drainMs, and no others, and says how many', async () => {
    const { connections, open } = start();
    const [quick, slow] = [open('drain'), open('terminate')];
    const closed = connections.close(1_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(slow.asked).toEqual(['drain']);
    await vi.advanceTimersByTimeAsync(1);
    expect(slow.asked).toEqual(['drain', 'terminate']);
    expect(quick.asked).toEqual(['drain']);
    expect(await outcomeOf(closed)).toBe(1);
  });

  it('waits for those that take a while to go after they were terminated', async () => {
    const { connections, open } = start();
    const { connection, asked } = open();
    const closed = connections.close(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toEqual(['drain', 'terminate']);
    expect(await outcomeOf(closed)).toBe('still pending');
    connections.remove(connection);
    expect(await outcomeOf(closed)).toBe(1);
  });

  it('leaves no timer behind but the one of the wheel, which is not its own', async () => {
    const { connections, wheel, open } = start();
    open('drain');
    await connections.close(1_000);
    expect(vi.getTimerCount()).toBe(1);
    wheel.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
