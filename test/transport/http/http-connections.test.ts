import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  createHttpConnections,
  type HttpConnection,
} from '../../../src/transport/http/http-connections.ts';

/** A socket that is closed by a test, or as soon as it is destroyed. */
class TestSocket extends EventEmitter {
  readonly remoteAddress: string;
  readonly remotePort = 1;
  destroyed = false;

  constructor(address: string) {
    super();
    this.remoteAddress = address;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

interface Served {
  readonly connect: (address: string) => TestSocket;
  readonly of: (socket: TestSocket) => HttpConnection;
  /** A request that is being answered until the response is closed. */
  readonly ask: (socket: TestSocket) => EventEmitter;
  readonly release: (socket: TestSocket) => void;
  readonly refused: () => number;
}

/** The connections of a server that has none but those that a test opens. */
function serve(maxConnections: number): Served {
  const server = new EventEmitter();
  let refused = 0;
  const connections = createHttpConnections(server as Server, {
    maxConnections,
    refused: () => (refused += 1),
  });
  return {
    connect(address) {
      const socket = new TestSocket(address);
      server.emit('connection', socket);
      return socket;
    },
    of: (socket) => connections.of({ socket } as unknown as IncomingMessage),
    ask(socket) {
      const response = Object.assign(new EventEmitter(), { req: { socket } });
      connections.answering(response as unknown as ServerResponse);
      return response;
    },
    release: (socket) => connections.release(socket as unknown as Socket),
    refused: () => refused,
  };
}

const open = (sockets: readonly TestSocket[]): boolean[] =>
  sockets.map(({ destroyed }) => !destroyed);

describe('the sockets of an HTTP server', () => {
  it('may be as many as there may be, and have room again for each that is closed', () => {
    const { connect, ask, of, refused } = serve(2);
    const sockets = [connect('a'), connect('a')];
    for (const socket of sockets) ask(socket);
    sockets[0]!.destroy();
    const third = connect('a');
    expect(of(third).refused).toBe(false);
    expect(refused()).toBe(0);
    ask(third);
    expect(of(connect('a')).refused).toBe(true);
    expect(refused()).toBe(1);
  });

  it('make room where nothing is being answered, the oldest first', () => {
    const { connect, ask, of, refused } = serve(3);
    const [busy, oldest, idle] = [connect('a'), connect('a'), connect('a')];
    ask(busy);
    expect(of(connect('a')).refused).toBe(false);
    expect(open([busy, oldest, idle])).toEqual([true, false, true]);
    expect(refused()).toBe(1);
  });

  it('are idle again when the last of their requests was answered', () => {
    const { connect, ask, of } = serve(1);
    const socket = connect('a');
    const [first, second] = [ask(socket), ask(socket)];
    expect(of(socket).answering).toBe(2);
    first.emit('close');
    const refused = connect('a');
    expect(of(refused).refused).toBe(true);
    ask(refused);
    second.emit('close');
    expect(of(connect('a')).refused).toBe(false);
    expect(socket.destroyed).toBe(true);
  });

  it('make room where an address has most of them, even if all of those are in use', () => {
    const { connect, ask, of, release } = serve(4);
    const other = connect('b');
    const many = [connect('a'), connect('a'), connect('a')];
    ask(many[0]!);
    for (const socket of many.slice(1)) release(socket);
    const newcomer = connect('c');
    expect(of(newcomer).refused).toBe(false);
    expect(other.destroyed).toBe(false);
    expect(open(many).filter((isOpen) => !isOpen)).toHaveLength(1);
  });

  it('are refused to the address that has most of them, when all are in use', () => {
    const { connect, ask, of } = serve(3);
    const sockets = [connect('a'), connect('a'), connect('b')];
    for (const socket of sockets) ask(socket);
    expect(of(connect('a')).refused).toBe(true);
    expect(open(sockets)).toEqual([true, true, true]);
  });

  it('tell at most 256 that they are refused, and cut what comes after', () => {
    const { connect, ask, of, refused } = serve(1);
    ask(connect('a'));
    const more = Array.from({ length: 300 }, () => {
      const socket = connect('a');
      if (!socket.destroyed) ask(socket);
      return socket;
    });
    expect(more.filter((socket) => of(socket).refused && !socket.destroyed)).toHaveLength(256);
    expect(more.filter(({ destroyed }) => destroyed)).toHaveLength(300 - 256);
    expect(refused()).toBe(300);
  });

  it('count when they have become WebSockets, and are not idle then', () => {
    const { connect, of, release } = serve(1);
    const webSocket = connect('a');
    release(webSocket);
    expect(of(connect('a')).refused).toBe(true);
    expect(webSocket.destroyed).toBe(false);
    webSocket.destroy();
    expect(of(connect('a')).refused).toBe(false);
  });
});
