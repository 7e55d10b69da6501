import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that can be cut off or held up, and that treats what asks for a WebSocket as it is told. */
export interface TcpProxy extends AsyncDisposable {
  readonly url: string;
  /** How many connections go through it now. */
  readonly open: number;
  /** How many have been made. */
  readonly made: number;
  /** Ends every connection from one moment to the next. */
  cut(): void;
  /** Holds up what the server sends over the connections of now, as a bad network does. */
  stall(): void;
  resume(): void;
  /** From now on new connections are ended at once. */
  refuse(isRefusing: boolean): void;
  /** What happens to a request for a WebSocket from now on. */
  treatUpgrades(how: UpgradeTreatment): void;
}

/** Let through; answered with 400; let through and cut when the server's first frame comes; taken without any answer. */
export type UpgradeTreatment = 'pass' | 'refuse' | 'cut' | 'swallow';

export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const clients = new Map<Socket, Socket>();
  let made = 0;
  let open = 0;
  let isRefusing = false;
  let treatment: UpgradeTreatment = 'pass';

  function own(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  }
  const server = createServer({ noDelay: true }, (client) => {
    own(client);
    if (isRefusing) {
      client.destroy();
      return;
    }
    made += 1;
    open += 1;
    client.on('close', () => (open -= 1));
    client.once('data', (head) => {
      const asksForUpgrade = /^upgrade: websocket/im.test(head.toString('latin1'));
      if (asksForUpgrade && treatment === 'swallow') return;
      if (asksForUpgrade && treatment === 'refuse') {
        client.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      const upstream = connect({ port: Number(port), host: hostname, noDelay: true });
      own(upstream);
      clients.set(upstream, client);
      upstream.on('close', () => {
        clients.delete(upstream);
        client.destroy();
      });
      client.on('close', () => upstream.destroy());
      upstream.write(head);
      client.pipe(upstream);
      upstream.pipe(client);
      if (asksForUpgrade && treatment === 'cut') {
        // The first is the head of the answer, 101.
        upstream.once('data', () => upstream.once('data', () => client.destroy()));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get open() {
      return open;
    },
    get made() {
      return made;
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    stall() {
      for (const upstream of clients.keys()) upstream.unpipe().pause();
    },
    resume() {
      for (const [upstream, client] of clients) upstream.pipe(client);
    },
    refuse(refusing) {
      isRefusing = refusing;
    },
    treatUpgrades(how) {
      treatment = how;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
