import { ChunkedBody } from './chunked-body.ts';
import { EventTexts } from './event-texts.ts';
import { Inbox } from './inbox.ts';
import { MultipartTexts } from './multipart.ts';
import { RawSocket } from './raw-socket.ts';
import { openReservation } from './reservation.ts';
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
      await request(socket, told, post('text/event-stream', operationFor(deviceId)));
      break;
    case 'graphql-single-sse': {
      const reservation = await openReservation(url);
      await request(socket, told, get(`/graphql?token=${reservation.token}`));
      await reservation.operate('1', operationFor(deviceId));
      break;
    }
    case 'graphql-multipart': {
      const accept = 'multipart/mixed;subscriptionSpec=1.0';
      await request(socket, told, post(accept, operationFor(deviceId)), partsOf);
      break;
    }
    case 'plain-sse':
      await request(socket, told, get(plainPath));
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

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`;
}

function post(accept: string, operation: object): string {
  const body = JSON.stringify(operation);
  return [
    'POST /graphql HTTP/1.1',
    'Host: localhost',
    `Accept: ${accept}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

type Read = (told: Inbox<string>) => (data: Buffer) => void;

function eventsOf(told: Inbox<string>): (data: Buffer) => void {
  const events = new EventTexts(({ event }) =>
    told.push(event === ':' ? 'comment' : wordFor(event === 'next' ? { type: event } : { event })),
  );
  return (data) => events.write(data);
}

function partsOf(told: Inbox<string>): (data: Buffer) => void {
  const parts = new MultipartTexts((json) => {
    if (json === '{}') told.push('empty part');
    else told.push(json.startsWith('{"payload":{') ? 'message' : 'error');
  });
  return (data) => parts.write(data.toString());
}

async function request(
  socket: RawSocket,
  told: Inbox<string>,
  text: string,
  read: Read = eventsOf,
): Promise<void> {
  await socket.write(text);
  await accepted(socket, 200);
  const body = new ChunkedBody(read(told), () => told.push('end'));
  socket.readAll((chunk) => body.write(chunk));
}

async function accepted(socket: RawSocket, status: number): Promise<void> {
  const head = await socket.head();
  if (!head.startsWith(`HTTP/1.1 ${status}`)) throw new Error(`not accepted: ${head}`);
}
