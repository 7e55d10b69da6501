import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { listening } from './listening-server.ts';

/** What plays the gateway for a client: it takes every operation, says nothing, and keeps what it was told. */
export interface PlayedGateway extends AsyncDisposable {
  readonly url: string;
  /** The parameters of each connection over WebSocket. */
  readonly connectionParams: readonly unknown[];
  /** The `authorization` of each request over HTTP. */
  readonly authorizations: readonly (string | undefined)[];
  /** Ends all connections: WebSockets with this code, if it is given. */
  cut(code?: number): void;
}

export interface PlayedGatewayOptions {
  /** Whether it takes this token. Default: any. */
  readonly takes?: (token: string | undefined) => boolean;
  /** Answers to a POST instead of opening a stream. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Follows a ping as an answer to the last operation, once there was one, and no pong does. */
  readonly insteadOfPong?: unknown;
  /** Answers to an operation over WebSocket: messages of the protocol, without their id. */
  readonly operate?: () => readonly { readonly type: string; readonly payload?: unknown }[];
}

export async function startPlayedGateway({
  takes = () => true,
  answer,
  operate = () => [],
  insteadOfPong,
}: PlayedGatewayOptions = {}): Promise<PlayedGateway> {
  const connectionParams: unknown[] = [];
  const authorizations: (string | undefined)[] = [];
  const streams = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const { authorization } = request.headers;
    authorizations.push(authorization);
    request.resume();
    if (!takes(authorization?.replace(/^Bearer /, ''))) {
      response.writeHead(401).end();
    } else if (answer === undefined) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
      streams.add(response);
    } else {
      answer(request, response);
    }
  });
  const webSockets = new WebSocketServer({ server });
  webSockets.on('connection', (webSocket: WebSocket) => {
    let lastId: unknown;
    webSocket.on('message', (data: Buffer) => {
      const { type, id, payload } = JSON.parse(data.toString()) as Record<string, unknown>;
      if (type === 'ping') {
        webSocket.send(
          insteadOfPong === undefined || lastId === undefined
            ? '{"type":"pong"}'
            : JSON.stringify({ id: lastId, type: 'next', payload: insteadOfPong }),
        );
      }
      if (type === 'subscribe') {
        lastId = id;
        for (const message of operate()) webSocket.send(JSON.stringify({ id, ...message }));
      }
      if (type !== 'connection_init') return;
      connectionParams.push(payload);
      const { token } = (payload ?? {}) as { token?: string };
      if (takes(token)) webSocket.send('{"type":"connection_ack"}');
      else webSocket.close(4403, 'Forbidden');
    });
  });
  const { url, [Symbol.asyncDispose]: close } = await listening(server);
  function cut(code?: number): void {
    for (const webSocket of webSockets.clients) {
      if (code === undefined) webSocket.terminate();
      else webSocket.close(code);
    }
    for (const stream of streams) stream.destroy();
    streams.clear();
  }
  return {
    url: `${url}/graphql`,
    connectionParams,
    authorizations,
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await close();
    },
  };
}
