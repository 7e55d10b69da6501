import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The connections of an HTTP server, less those that are WebSockets. */
export interface HttpConnections {
  /** A request is being answered. */
  answering(response: ServerResponse): void;
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

export function createHttpConnections(server: Server): HttpConnections {
  /** How many requests are being answered on each. */
  const open = new Map<Duplex, number>();
  let stopping = false;
  let emptied: (() => void) | undefined;

  function opened(socket: Socket): void {
    open.set(socket, 0);
    socket.on('close', closed);
  }

  function closed(this: Socket): void {
    open.delete(this);
    if (open.size === 0) emptied?.();
  }

  /** Requests that are being answered. A stream that was terminated is still there, until its socket has closed. */
  function answered(): number {
    let count = 0;
    for (const [socket, requests] of open) if (!socket.destroyed) count += requests;
    return count;
  }

  server.on('connection', opened);

  return {
    answering(response) {
      const { socket } = response.req;
      open.set(socket, (open.get(socket) ?? 0) + 1);
      response.once('close', () => {
        const count = open.get(socket);
        // It may have closed along with its connection.
        if (count === undefined) return;
        open.set(socket, count - 1);
        if (stopping && count === 1) socket.destroySoon();
      });
    },
    release(socket) {
      socket.off('close', closed);
      open.delete(socket);
    },
    stop() {
      stopping = true;
      return new Promise((resolve) => {
        // That of an HTTP server also cuts each connection whose answer is
        // written to the end, even while its client is still reading.
        NetServer.prototype.close.call(server, () => resolve());
        for (const [socket, count] of open) if (count === 0) socket.destroy();
      });
    },
    async drain(drainMs) {
      let cut = 0;
      if (open.size > 0) {
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
