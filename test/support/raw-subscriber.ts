import { ChunkedBody } from './chunked-body.ts';
import { EventTexts } from './event-texts.ts';
import { Inbox } from './inbox.ts';
import { RawSocket } from './raw-socket.ts';
import type { StreamKind } from './streams.ts';
import { clientFrame, FrameReader, Opcode, upgradeRequest } from './websocket-frames.ts';

/** A subscriber that does nothing by itself: no ping is answered, no close. */
export interface RawSubscriber extends AsyncDisposable {
  readonly socket: RawSocket;
  /** What it was told, in a few words: `message`, `ping frame`, `ping event`, `comment`, `close 1001`, `end` … */
  readonly told: Inbox<string>;
}

/** Subscribes over a bare socket. A subscription of GraphQL over WebSocket is sent when this resolves, the others are open. */
export async function subscribeRaw(
  kind: StreamKind,
  url: string,
  deviceId: string,
): Promise<RawSubscriber> {
  const socket = await RawSocket.connect(url);
  const told = new Inbox<string>();
  const plainPath = `/api/v1/stream?device_ids=${encodeURIComponent(deviceId)}`;
  switch (kind) {
    case 'graphql-websocket':
      await upgrade(socket, told, upgradeRequest('/graphql', 'graphql-transport-ws'));
      await say(socket, { type: 'connection_init' });
      await told.next();
      await say(socket, { type: 'subscribe', id: '1', payload: operationFor(deviceId) });
      break;
    case 'plain-websocket':
      await upgrade(socket, told, upgradeRequest(plainPath));
      break;
    case 'graphql-sse':
      await request(socket, told, post(JSON.stringify(operationFor(deviceId))));
      break;
    case 'plain-sse':
      await request(socket, told, `GET ${plainPath} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      break;
  }
  return { socket, told, [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose]() };
}

/** One message of graphql-transport-ws. */
export async function say(socket: RawSocket, message: object): Promise<void> {
  await socket.write(clientFrame(Opcode.text, JSON.stringify(message)));
}

export function operationFor(deviceId: string): { query: string; variables: object } {
  return {
    query: 'subscription ($id: ID!) { deviceMessages(deviceIds: [$id]) { payload } }',
    variables: { id: deviceId },
  };
}

async function upgrade(socket: RawSocket, told: Inbox<string>, text: string): Promise<void> {
  await socket.write(text);
  await accepted(socket, 101);
  const reader = new FrameReader(({ opcode, content }) => {
    if (opcode === Opcode.close) told.push(`close ${content.readUInt16BE(0)}`);
    else if (opcode === Opcode.ping) told.push('ping frame');
    else told.push(wordFor(JSON.parse(content.toString()) as Said));
  });
  socket.readAll((chunk) => reader.write(chunk));
}

interface Said {
  readonly type?: string;
  readonly event?: string;
}

function wordFor({ type, event = '' }: Said): string {
  if (type !== undefined) return type === 'next' ? 'message' : type;
  return event === 'ping' ? 'ping event' : event;
}

function post(body: string): string {
  return [
    'POST /graphql HTTP/1.1',
    'Host: localhost',
    'Accept: text/event-stream',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

async function request(socket: RawSocket, told: Inbox<string>, text: string): Promise<void> {
  await socket.write(text);
  await accepted(socket, 200);
  const events = new EventTexts(({ event }) =>
    told.push(event === ':' ? 'comment' : wordFor(event === 'next' ? { type: event } : { event })),
  );
  const body = new ChunkedBody(
    (data) => events.write(data),
    () => told.push('end'),
  );
  socket.readAll((chunk) => body.write(chunk));
}

async function accepted(socket: RawSocket, status: number): Promise<void> {
  const head = await socket.head();
  if (!head.startsWith(`HTTP/1.1 ${status}`)) throw new Error(`not accepted: ${head}`);
}
