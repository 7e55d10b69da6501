import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { OperationTurns } from '../../../src/bounds/operation-turns.ts';
import { createSharedBytes, type SharedBytes } from '../../../src/bounds/shared-bytes.ts';
import { openRawProtocol } from '../../support/raw-protocol.ts';
import { until } from '../../support/until.ts';
import { serveWebSockets } from '../../support/websocket-endpoints.ts';

const maxBytes = 300_000;

/** Endpoints whose operations wait until a test lets them have their turns. */
async function serveHeld(websocketCompression: 'off' | 'on' = 'off'): Promise<
  {
    readonly url: string;
    readonly incoming: SharedBytes;
    readonly unread: SharedBytes;
    /** How many were ended, or refused, for what they hold. */
    readonly refused: () => number;
    readonly waiting: () => number;
    /** As many as wait, and all that come. */
    readonly letThrough: () => void;
  } & AsyncDisposable
> {
  let refused = 0;
  const shared = (): SharedBytes => createSharedBytes({ maxBytes, refused: () => (refused += 1) });
  const [incoming, unread] = [shared(), shared()];
  const gate = Promise.withResolvers<void>();
  let waiting = 0;
  const turns: OperationTurns = {
    get waiting() {
      return waiting;
    },
    async run(_holder, work) {
      waiting += 1;
      await gate.promise;
      waiting -= 1;
      return work();
    },
  };
  const server = await serveWebSockets({ incoming, unread, turns }, { websocketCompression });
  return {
    url: server.url,
    incoming,
    unread,
    refused: () => refused,
    waiting: () => waiting,
    letThrough: () => gate.resolve(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Says what it wants without having said hello. */
async function connect(url: string): Promise<WebSocket & AsyncDisposable> {
  const webSocket = new WebSocket(`${url}/graphql`, ['graphql-transport-ws']);
  await once(webSocket, 'open');
  return Object.assign(webSocket, {
    async [Symbol.asyncDispose]() {
      if (webSocket.readyState === WebSocket.CLOSED) return;
      webSocket.terminate();
      await once(webSocket, 'close');
    },
  });
}

const pong = (length: number): string => '{"type":"pong"}'.padEnd(length);

describe('the messages of a WebSocket', () => {
  it('count from their arrival until they had their turn', async () => {
    await using server = await serveHeld();
    await using client = await connect(server.url);
    client.send(pong(100_000));
    await until('it waits', () => server.waiting() === 1);
    expect(server.incoming.taken).toBeGreaterThanOrEqual(100_000);
    server.letThrough();
    await until('it is given back', () => server.incoming.taken === 0);
  });

  it('count for what they are when they came compressed', async () => {
    await using server = await serveHeld('on');
    await using client = await connect(server.url);
    expect(client.extensions).toContain('permessage-deflate');
    client.send(pong(200_000));
    await until('it waits', () => server.waiting() === 1);
    expect(server.incoming.taken).toBeGreaterThanOrEqual(200_000);
    // A few hundred bytes arrive: only what they hold makes both of them too much together.
    await using other = await connect(server.url);
    other.send(pong(150_000));
    await once(client, 'close');
    expect(server.refused()).toBe(1);
    server.letThrough();
    await until('it is given back', () => server.incoming.taken === 0);
  });

  it('count one by one when they came in one chunk, and no more are read while any of them waits', async () => {
    await using server = await serveHeld();
    await using client = await connect(server.url);
    for (let n = 0; n < 10; n += 1) client.send(pong(1_000));
    await until('they wait', () => server.waiting() === 10);
    expect(server.incoming.taken).toBeGreaterThanOrEqual(10_000);
    server.letThrough();
    await until('they are given back', () => server.incoming.taken === 0);
    client.send(pong(1_000));
    client.ping();
    await once(client, 'pong');
    expect(server.incoming.taken).toBe(0);
  });

  it('count no longer when the client has gone while they wait', async () => {
    await using server = await serveHeld();
    {
      await using client = await connect(server.url);
      client.send(pong(100_000));
      await until('it waits', () => server.waiting() === 1);
    }
    await until('it is given back', () => server.incoming.taken === 0);
    server.letThrough();
    await until('it had its turn', () => server.waiting() === 0);
    expect(server.incoming.taken).toBe(0);
  });
});

describe('the answers of a WebSocket', () => {
  it('count until the client has read them, or has gone', async () => {
    await using server = await serveHeld();
    server.letThrough();
    {
      await using client = await openRawProtocol(server.url);
      expect(server.unread.taken).toBe(0);
      client.socket.pause();
      // Each is answered with as much: the kernel takes a few megabytes.
      await until('some of them wait', async () => {
        await client.say({ type: 'ping', payload: { text: 'x'.repeat(50_000) } });
        return server.unread.taken > 100_000;
      });
      expect(server.unread.taken).toBeLessThanOrEqual(maxBytes);
    }
    await until('they are given back', () => server.unread.taken === 0);
  });
});
