import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Inbox } from './inbox.ts';

export interface ProtocolMessage {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

export interface Close {
  readonly code: number;
  readonly reason: string;
}

interface Operation {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

/** A client of graphql-transport-ws that says only what a test makes it say, in that order. */
export interface ProtocolClient extends AsyncDisposable {
  readonly webSocket: WebSocket;
  /** Resolves with the code when the connection is closed. */
  readonly closed: Promise<Close>;
  /** Text and bytes leave as they are. */
  send(message: ProtocolMessage | string | Buffer): void;
  /** Says hello, and takes the answer. */
  init(payload?: Record<string, unknown>): Promise<void>;
  subscribe(id: string, operation: Operation | string): void;
  complete(id: string): void;
  /** The next message that has not been taken. Rejects when the connection is closed instead. */
  next(): Promise<ProtocolMessage>;
  take(count: number): Promise<ProtocolMessage[]>;
  /** All that the gateway said before it answered a ping that is sent now, less what was taken. */
  rest(): Promise<ProtocolMessage[]>;
}

/** Connects; resolves when the WebSocket is open. */
export async function connectProtocol(
  webSocketUrl: string,
  { protocols = ['graphql-transport-ws'], path = '/graphql' } = {},
): Promise<ProtocolClient> {
  const webSocket = new WebSocket(`${webSocketUrl}${path}`, protocols);
  const inbox = new Inbox<ProtocolMessage>();
  webSocket.on('message', (data: Buffer) => {
    inbox.push(JSON.parse(data.toString()) as ProtocolMessage);
  });
  const closed = new Promise<Close>((resolve) => {
    webSocket.once('close', (code, reason) => {
      inbox.end(new Error(`the connection is closed: ${code} ${reason.toString()}`));
      resolve({ code, reason: reason.toString() });
    });
  });
  await once(webSocket, 'open');
  webSocket.on('error', () => undefined);
  let pings = 0;

  const client: ProtocolClient = {
    webSocket,
    closed,
    send(message) {
      const isText = typeof message === 'string' || Buffer.isBuffer(message);
      webSocket.send(isText ? message : JSON.stringify(message));
    },
    async init(payload) {
      client.send({ type: 'connection_init', ...(payload && { payload }) });
      const answer = await inbox.next();
      if (answer.type !== 'connection_ack') throw new Error(`no ack: ${JSON.stringify(answer)}`);
    },
    subscribe(id, operation) {
      const payload = typeof operation === 'string' ? { query: operation } : operation;
      client.send({ id, type: 'subscribe', payload });
    },
    complete: (id) => client.send({ id, type: 'complete' }),
    next: () => inbox.next(),
    take: (count) => inbox.take(count),
    async rest() {
      pings += 1;
      const ping = `ping ${pings}`;
      client.send({ type: 'ping', payload: { ping } });
      const said: ProtocolMessage[] = [];
      for (;;) {
        const message = await inbox.next();
        const { type, payload } = message;
        if (type === 'pong' && (payload as { ping?: string } | undefined)?.ping === ping)
          return said;
        said.push(message);
      }
    },
    async [Symbol.asyncDispose]() {
      webSocket.terminate();
      await closed;
    },
  };
  return client;
}

/** Connects and says hello. */
export async function openProtocol(webSocketUrl: string): Promise<ProtocolClient> {
  const client = await connectProtocol(webSocketUrl);
  await client.init();
  return client;
}
