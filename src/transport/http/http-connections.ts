import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Groups } from '../../bounds/groups.ts';
import type { Holder } from '../../bounds/holder.ts';
import type { Caller, Transport } from '../../kernel/caller.ts';

/** A socket of the HTTP server, for as long as it is open. */
export interface HttpConnection extends Holder {
  /**
   * The connection is over the limit, and its own address has the most connections: its
   * client is told so, and it is closed.
   */
  readonly refused: boolean;
  /** How many of its requests are being answered. */
  readonly answering: number;
  /** The caller of its requests over this transport. */
  callerBy(transport: Transport): Caller;
}

/**
 * The sockets of an HTTP server. Sockets that have become WebSockets count too, but
 * they are closed elsewhere.
 */
export interface HttpConnections {
  /** The connection on which a request came. */
  of(request: IncomingMessage): HttpConnection;
  /** Called when a request starts to be answered. */
  answering(response: ServerResponse): void;
  /** Whether a request of this socket is being answered. */
  answeringOn(socket: Duplex): boolean;
  /** Called when the socket becomes a WebSocket. */
  release(socket: Duplex): void;
  /**
   * Accepts no more connections, and closes each one as soon as none of its requests is
   * being answered. Resolves when the last one has closed, including WebSockets.
   */
  stop(): Promise<void>;
  /**
   * Resolves when no request is being answered any more; requests that remain after
   * `drainMs` are cut. Resolves with the number of cut requests, without streams, which
   * `Connections` ends and counts.
   */
  drain(drainMs: number): Promise<number>;
}

export interface HttpConnectionsOptions {
  /** The maximum number of open sockets. */
  readonly maxConnections: number;
  /** Called for each connection that is refused, or ended to make room. */
  readonly refused: (connection: HttpConnection) => void;
}

/** How many sockets beyond the limit may wait to be told that they are refused; others are cut. */
const maxRefused = 256;

/**
 * The client of a socket. Its text is made on demand, so that a fleet of idle
 * connections does not keep it in memory.
 */
class SocketCaller implements Caller {
  readonly transport: Transport;
  readonly address: string;
  readonly connectionId: number;
  readonly #port: number;

  constructor(transport: Transport, { address, port, id }: OpenSocket) {
    this.transport = transport;
    this.address = address;
    this.connectionId = id;
    this.#port = port;
  }

  get who(): string {
    return `${this.transport} ${this.address}:${this.#port}`;
  }
}

class OpenSocket implements HttpConnection {
  readonly socket: Socket;
  readonly id: number;
  readonly address: string;
  readonly port: number;
  refused = false;
  answering = 0;
  webSocket = false;

  constructor(socket: Socket, id: number) {
    this.socket = socket;
    this.id = id;
    this.address = socket.remoteAddress ?? '';
    this.port = socket.remotePort ?? 0;
  }

  get caller(): Caller {
    return this.callerBy('http');
  }

  callerBy(transport: Transport): Caller {
    return new SocketCaller(transport, this);
  }

  terminate(): void {
    this.socket.destroy();
  }
}

export function createHttpConnections(
  server: Server,
  { maxConnections, refused }: HttpConnectionsOptions,
): HttpConnections {
  const open = new Map<Duplex, OpenSocket>();
  /** All sockets by address, and the idle ones by address. */
  const all = new Groups<OpenSocket>();
  const idle = new Groups<OpenSocket>();
  let lastId = 0;
  let stopping = false;
  let emptied: (() => void) | undefined;
  /** The sockets that are not WebSockets. */
  let plain = 0;

  function nextId(): number {
    lastId += 1;
    return lastId;
  }

  function opened(socket: Socket): void {
    const connection = new OpenSocket(socket, nextId());
    if (all.size >= maxConnections && !makeRoom(connection)) {
      refused(connection);
      if (all.size >= maxConnections + maxRefused) {
        socket.destroy();
        return;
      }
      connection.refused = true;
    }
    open.set(socket, connection);
    all.add(connection.address, connection);
    idle.add(connection.address, connection);
    plain += 1;
    socket.on('close', closed);
  }

  /**
   * Ends a connection of the address that has the most. False when that is the address
   * of the new connection and all its connections are in use.
   */
  function makeRoom({ address }: OpenSocket): boolean {
    const largest = all.largest ?? address;
    const isOwn = all.get(address).size === all.get(largest).size;
    const from = isOwn ? address : largest;
    const [victim] = isOwn || idle.get(from).size > 0 ? idle.get(from) : all.get(from);
    if (victim === undefined) return false;
    refused(victim);
    victim.terminate();
    remove(victim);
    return true;
  }

  function closed(this: Socket): void {
    const connection = open.get(this);
    if (connection !== undefined) remove(connection);
  }

  function remove(connection: OpenSocket): void {
    if (!open.delete(connection.socket)) return;
    all.delete(connection.address, connection);
    idle.delete(connection.address, connection);
    if (!connection.webSocket) left();
  }

  function left(): void {
    plain -= 1;
    if (plain === 0) emptied?.();
  }

  /**
   * The number of requests that are being answered. A terminated stream still counts
   * until its socket has closed.
   */
  function answered(): number {
    let count = 0;
    for (const { socket, answering } of open.values()) if (!socket.destroyed) count += answering;
    return count;
  }

  server.on('connection', opened);

  return {
    // A socket that was ended may still deliver requests.
    of: ({ socket }) => open.get(socket) ?? new OpenSocket(socket, nextId()),
    answering(response) {
      const connection = open.get(response.req.socket);
      if (connection === undefined) return;
      connection.answering += 1;
      idle.delete(connection.address, connection);
      response.once('close', () => {
        connection.answering -= 1;
        if (connection.answering > 0 || !open.has(connection.socket)) return;
        if (stopping) connection.socket.destroySoon();
        else idle.add(connection.address, connection);
      });
    },
    answeringOn: (socket) => (open.get(socket)?.answering ?? 0) > 0,
    release(socket) {
      const connection = open.get(socket);
      if (connection === undefined || connection.webSocket) return;
      connection.webSocket = true;
      idle.delete(connection.address, connection);
      left();
    },
    stop() {
      stopping = true;
      return new Promise((resolve) => {
        // `close()` of an HTTP server would also cut each connection whose answer is completely
        // written, even while its client is still reading.
        NetServer.prototype.close.call(server, () => resolve());
        for (const { webSocket, answering, socket } of open.values()) {
          if (!webSocket && answering === 0) socket.destroy();
        }
      });
    },
    async drain(drainMs) {
      let cut = 0;
      if (plain > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(() => {
            cut = answered();
            resolve();
          }, drainMs);
          emptied = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      server.closeAllConnections();
      // It has its own timer.
      server.close();
      return cut;
    },
  };
}
