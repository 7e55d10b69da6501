import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { listening } from './listening-server.ts';

/** Stands before a gateway, hands everything on, and keeps the tokens that came. */
export interface RecordingFront extends AsyncDisposable {
  readonly url: string;
  /** `authorization` of each request, in their order; undefined where there was none. */
  readonly authorizations: readonly (string | undefined)[];
  /** What each WebSocket had in `connectionParams`. */
  readonly connectionParams: readonly unknown[];
  /** Ends the WebSockets that are open, as a proxy does. */
  cut(): void;
}

const protocol = 'graphql-transport-ws';

export async function startRecordingFront(target: string): Promise<RecordingFront> {
  const authorizations: (string | undefined)[] = [];
  const connectionParams: unknown[] = [];
  const server = createServer((incoming, response) => {
    if (incoming.method === 'POST') authorizations.push(incoming.headers.authorization);
    const outgoing = request(`${target}${incoming.url}`, {
      method: incoming.method ?? 'GET',
      headers: incoming.headers,
    });
    incoming.pipe(outgoing);
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
  });
  const webSockets = new WebSocketServer({ noServer: true, handleProtocols: () => protocol });
  server.on('upgrade', (incoming, socket, head) => {
    webSockets.handleUpgrade(incoming, socket, head, (client) => {
      const upstream = new WebSocket(target.replace(/^http/, 'ws') + incoming.url, protocol);
      const isOpen = once(upstream, 'open');
      client.on('message', (data: Buffer) => {
        const text = data.toString();
        const message = JSON.parse(text) as { type: string; payload?: unknown };
        if (message.type === 'connection_init') connectionParams.push(message.payload);
        void isOpen.then(() => upstream.send(text));
      });
      upstream.on('message', (data: Buffer) => client.send(data.toString()));
      upstream.on('close', () => client.close());
      client.on('close', () => upstream.terminate());
      for (const end of [client, upstream]) end.on('error', () => undefined);
    });
  });
  const { url, [Symbol.asyncDispose]: close } = await listening(server);
  const cut = (): void => {
    for (const client of webSockets.clients) client.terminate();
  };
  return {
    url,
    authorizations,
    connectionParams,
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await close();
    },
  };
}
