import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server on which what the server sends can be held up, as a bad network does. */
export interface StallableProxy extends AsyncDisposable {
  readonly url: string;
  stall(): void;
  resume(): void;
  /** Cuts all connections; new ones are taken. */
  cut(): void;
}

export async function startStallableProxy(target: string): Promise<StallableProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const ways = new Map<Socket, Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    ways.set(upstream, client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        ways.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.pipe(client);
  });
  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stall() {
      for (const upstream of ways.keys()) upstream.unpipe().pause();
    },
    resume() {
      for (const [upstream, client] of ways) upstream.pipe(client);
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
