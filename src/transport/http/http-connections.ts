import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Groups } from '../../bounds/groups.ts';
import type { Holder } from '../../bounds/holder.ts';
import type { Caller, Transport } from '../../kernel/caller.ts';

/** A socket of the HTTP server, for as long as it is open. */
export interface HttpConnection extends Holder {
  /** There are as many as there may be, and its own address has most of them: it is told so, and goes. */
  readonly refused: boolean;
  /** How many of its requests are being answered. */
  readonly answering: number;
  /** Its client, which asks by this transport. */
  callerBy(transport: Transport): Caller;
}

/** The sockets of an HTTP server. Those that have become WebSockets count, and are closed by somebody else. */
export interface HttpConnections {
  /** The connection on which a request came. */
  of(request: IncomingMessage): HttpConnection;
  /** A request is being answered. */
  answering(response: ServerResponse): void;
  /** Whether a request of this socket is being answered. */
  answeringOn(socket: Duplex): boolean;
  /** It is a WebSocket from now on. */
  release(socket: Duplex): void;
  /** Takes no more connections, and closes each as soon as nothing is being answered on it. Resolves when the last one has closed, WebSockets too. */
  stop(): Promise<void>;
  /**
   * Resolves when nothing is being answered any more; what still is after
   * `drainMs` is cut. Resolves with how many requests were cut, without those
   * of streams, whose end is `Connections`' to tell.
   */
  drain(drainMs: number): Promise<number>;
}

export interface HttpConnectionsOptions {
  /** Sockets that may be open at a time. */
  readonly maxConnections: number;
  /** Told of each connection that is refused, or ended to make room. */
  readonly refused: (connection: HttpConnection) => void;
}

/** Sockets beyond the bound whose clients can be told that they are refused; others are cut. */
const maxRefused = 256;

/** The client of a socket. The text is made when it is asked for: a fleet of idle connections does not keep it. */
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
  /** By address: all sockets, and those that carry nothing. */
  const all = new Groups<OpenSocket>();
  const idle = new Groups<OpenSocket>();
  let lastId = 0;
  let stopping = false;
  let emptied: (() => void) | undefined;
  /** Sockets that are no WebSockets. */
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

  /** Ends a connection of the address that has most; false when that is the newcomer's, and all of its are in use. */
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

  /** Requests that are being answered. A stream that was terminated is still there, until its socket has closed. */
  function answered(): number {
    let count = 0;
    for (const { socket, answering } of open.values()) if (!socket.destroyed) count += answering;
    return count;
  }

  server.on('connection', opened);

  return {
    // A socket that was ended may still have requests to hand over.
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
        // That of an HTTP server also cuts each connection whose answer is
        // written to the end, even while its client is still reading.
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
      // It has a timer of its own.
      server.close();
      return cut;
    },
  };
}
