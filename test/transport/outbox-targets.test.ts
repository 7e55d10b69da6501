import { once } from 'node:events';
import {
  createServer as createHttpServer,
  get,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { OutboxTarget } from '../../src/delivery/outbox.ts';
import { ResponseTarget } from '../../src/transport/event-stream/response-stream.ts';
import { SocketTarget } from '../../src/transport/websocket/websocket-connection.ts';
import {
  behavesAsOutboxTarget,
  keepsNoBlock,
  type OpenTarget,
} from '../delivery/outbox-target-laws.ts';
import { listening } from '../support/listening-server.ts';

async function openSocket(targetOf: (socket: Socket) => OutboxTarget): Promise<OpenTarget> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [stream] = (await once(server, 'connection')) as [Socket];
  // It hears of the other end only while it reads.
  stream.resume();
  for (const each of [stream, reader]) each.on('error', ignoreLoss);
  return {
    target: targetOf(stream),
    stream,
    reader,
    async [Symbol.asyncDispose]() {
      reader.destroy();
      stream.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function openResponse(
  targetOf: (response: ServerResponse) => OutboxTarget,
): Promise<OpenTarget> {
  const server = createHttpServer();
  const { url, [Symbol.asyncDispose]: dispose } = await listening(server);
  const request = get(url);
  const [, stream] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  stream.writeHead(200).flushHeaders();
  const [reader] = (await once(request, 'response')) as [IncomingMessage];
  for (const each of [stream, request, reader]) each.on('error', ignoreLoss);
  return { target: targetOf(stream), stream, reader, [Symbol.asyncDispose]: dispose };
}

function ignoreLoss(): void {
  // Connections are destroyed here, which one end or the other is told.
}

// Compressed WebSockets differ in the frames alone, which the target does not know.
behavesAsOutboxTarget('the socket of a WebSocket', () =>
  openSocket((socket) => new SocketTarget(socket)),
);
behavesAsOutboxTarget('the response of a stream', () =>
  openResponse((response) => new ResponseTarget(response)),
);

/** Breaks the law: it says that nothing waits, whatever does. */
function forgetful(target: OutboxTarget): OutboxTarget {
  return {
    waiting: 0,
    write: (bytes) => target.write(bytes),
    failed: (error) => target.failed(error),
  };
}

/** Breaks the law: it writes at the end of the turn. */
function delayed(target: OutboxTarget): OutboxTarget {
  return {
    get waiting() {
      return target.waiting;
    },
    write(bytes) {
      setImmediate(() => target.write(bytes));
    },
    failed: (error) => target.failed(error),
  };
}

describe.each([
  ['does not say what waits', forgetful],
  ['writes later', delayed],
])('a target that %s', (_name, broken) => {
  it.each([
    ['socket', () => openSocket((socket) => broken(new SocketTarget(socket)))],
    ['response', () => openResponse((response) => broken(new ResponseTarget(response)))],
  ])('is refused by the law, for a %s', async (_kind, open) => {
    await expect(keepsNoBlock(open)).rejects.toThrow('Property failed');
  });
});
