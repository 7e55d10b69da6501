import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer, type RawData } from 'ws';

/** Stands before a gateway and lets through who has the token of the moment, as a proxy that checks tokens does. */
export interface TokenGate extends AsyncDisposable {
  readonly url: string;
  /** The tokens with which clients came, in their order; undefined for none. */
  readonly tokens: readonly (string | undefined)[];
  /** From now on only this one is good: whoever is connected is closed with 4403. */
  expire(next: string): void;
}

export async function startTokenGate(target: string, token: string): Promise<TokenGate> {
  let good = token;
  const tokens: (string | undefined)[] = [];
  const open = new Set<WebSocket>();

  function admit(given: string | undefined): boolean {
    tokens.push(given);
    return given === good;
  }
  function pass(incoming: IncomingMessage, response: ServerResponse): void {
    if (!admit(incoming.headers.authorization?.replace(/^Bearer /, ''))) {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end('{"errors":[{"message":"No","extensions":{"code":"UNAUTHENTICATED"}}]}');
      return;
    }
    const { method, headers } = incoming;
    const onward = request(new URL(incoming.url ?? '/', target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  }

  const server = createServer(pass);
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'graphql-transport-ws' });
  sockets.on('connection', (client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.once('message', (init) => {
      const { payload } = JSON.parse(textOf(init)) as { payload?: { token?: string } };
      if (!admit(payload?.token)) return client.close(4403, 'Forbidden');
      const upstream = new WebSocket(`${target.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
      const early = [init];
      client.on('message', (data) => {
        if (upstream.readyState === WebSocket.OPEN) upstream.send(textOf(data));
        else early.push(data);
      });
      upstream.on('open', () => {
        for (const data of early) upstream.send(textOf(data));
      });
      upstream.on('message', (data) => client.send(textOf(data)));
      upstream.on('error', () => client.terminate());
      client.on('close', () => upstream.terminate());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokens,
    expire(next) {
      good = next;
      for (const client of open) client.close(4403, 'Forbidden');
    },
    async [Symbol.asyncDispose]() {
      for (const client of open) client.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function textOf(data: RawData): string {
  return (data as Buffer).toString();
}
