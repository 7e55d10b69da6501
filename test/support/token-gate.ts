import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { listening } from './listening-server.ts';

/** Stands before a gateway and lets through who has the token of the moment, as a proxy that checks tokens does. */
export interface TokenGate extends AsyncDisposable {
  readonly url: string;
  /** The tokens with which clients came, in their order; undefined for none. */
  readonly tokens: readonly (string | undefined)[];
  /** From now on only this one is good: whoever is connected is closed with 4403, and what is answered is cut off. */
  expire(next: string): void;
  /** Lets nobody in, who then waits at the door. */
  hold(): void;
  /** Lets them in again, those who wait too. */
  release(): void;
}

export async function startTokenGate(target: string, token: string): Promise<TokenGate> {
  let good = token;
  let door = Promise.withResolvers<void>();
  door.resolve();
  const tokens: (string | undefined)[] = [];
  const open = new Set<WebSocket>();
  const answering = new Set<ServerResponse>();

  async function admit(given: string | undefined): Promise<boolean> {
    await door.promise;
    tokens.push(given);
    return given === good;
  }
  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await admit(incoming.headers.authorization?.replace(/^Bearer /, '')))) {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end('{"errors":[{"message":"No","extensions":{"code":"UNAUTHENTICATED"}}]}');
      return;
    }
    answering.add(response);
    response.on('close', () => answering.delete(response));
    const { method, headers } = incoming;
    const onward = request(new URL(incoming.url ?? '/', target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => response.destroy()).pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }

  const server = createServer((incoming, response) => void pass(incoming, response));
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'graphql-transport-ws' });
  sockets.on('connection', (client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.once('message', (init) => void connect(client, init));
  });
  async function connect(client: WebSocket, init: RawData): Promise<void> {
    const { payload } = JSON.parse(textOf(init)) as { payload?: { token?: string } };
    if (!(await admit(payload?.token))) return client.close(4403, 'Forbidden');
    // Nothing comes before the gateway has answered this.
    const upstream = new WebSocket(
      `${target.replace(/^http/, 'ws')}/graphql`,
      'graphql-transport-ws',
    );
    upstream.on('open', () => upstream.send(textOf(init)));
    upstream.on('message', (data) => client.send(textOf(data)));
    upstream.on('error', () => client.terminate());
    client.on('message', (data) => upstream.send(textOf(data)));
    client.on('close', () => upstream.terminate());
  }
  const { url, [Symbol.asyncDispose]: close } = await listening(server);
  return {
    url,
    tokens,
    expire(next) {
      good = next;
      for (const client of open) client.close(4403, 'Forbidden');
      for (const response of answering) response.destroy();
    },
    hold() {
      door = Promise.withResolvers<void>();
    },
    release: () => door.resolve(),
    async [Symbol.asyncDispose]() {
      for (const client of open) client.terminate();
      await close();
    },
  };
}

function textOf(data: RawData): string {
  return (data as Buffer).toString();
}
