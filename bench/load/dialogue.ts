import { connectPacket, subscribePacket } from './mqtt-packet.ts';
import { deviceId, deviceTopic } from './message.ts';

export type DialogueName =
  | 'graphql-websocket'
  | 'graphql-sse'
  | 'plain-websocket'
  | 'plain-sse'
  | 'mqtt-websocket';

/** How a client asks for its devices: the request that it opens with, and its answers to the server. */
export interface Dialogue {
  readonly streams: 'frames' | 'events';
  readonly request: string;
  /** The first frame from the client, once the upgrade is through. */
  readonly hello?: Buffer;
  /** The answer to a frame that is no message, or nothing. */
  reply?(body: Buffer): Buffer | undefined;
}

export interface Wish {
  readonly devices: readonly number[];
  /** Which of several selections: 0 is the usual one, each other adds an alias of its own. */
  readonly selection: number;
}

const host = '127.0.0.1';
const text = 1;
const binary = 2;

function operation(selection: number): string {
  const alias = selection === 0 ? '' : ` alias${selection}: topic`;
  return `subscription ($ids: [ID!]!) { deviceMessages(deviceIds: $ids) { deviceId topic payload receivedAt position${alias} } }`;
}

function graphqlBody(wish: Wish) {
  return { query: operation(wish.selection), variables: { ids: wish.devices.map(deviceId) } };
}

function plainPath(wish: Wish): string {
  return `/api/v1/stream?device_ids=${wish.devices.map(deviceId).join(',')}`;
}

function upgrade(path: string, subprotocol?: string): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: c2x1aWNlLWJlbmNobWFyaw==',
  ];
  if (subprotocol !== undefined) lines.push(`Sec-WebSocket-Protocol: ${subprotocol}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** A client's frame; the mask is all zeros, which the protocol allows and which needs no arithmetic. */
export function clientFrame(opcode: number, body: Buffer): Buffer {
  const size =
    body.length < 126
      ? [0x80 | body.length]
      : [0x80 | 126, (body.length >> 8) & 0xff, body.length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...size, 0, 0, 0, 0]), body]);
}

function json(value: unknown): Buffer {
  return clientFrame(text, Buffer.from(JSON.stringify(value)));
}

export const dialogues: Record<DialogueName, (wish: Wish) => Dialogue> = {
  'graphql-websocket': (wish) => ({
    streams: 'frames',
    request: upgrade('/graphql', 'graphql-transport-ws'),
    hello: json({ type: 'connection_init' }),
    reply(body) {
      const type = (JSON.parse(body.toString()) as { type?: unknown }).type;
      if (type === 'connection_ack') {
        return json({ id: '1', type: 'subscribe', payload: graphqlBody(wish) });
      }
      return type === 'ping' ? json({ type: 'pong' }) : undefined;
    },
  }),
  'graphql-sse': (wish) => {
    const body = JSON.stringify(graphqlBody(wish));
    const head = [
      'POST /graphql HTTP/1.1',
      `Host: ${host}`,
      'Accept: text/event-stream',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    return { streams: 'events', request: `${head.join('\r\n')}\r\n\r\n${body}` };
  },
  'plain-websocket': (wish) => ({ streams: 'frames', request: upgrade(plainPath(wish)) }),
  'plain-sse': (wish) => ({
    streams: 'events',
    request: `GET ${plainPath(wish)} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n\r\n`,
  }),
  'mqtt-websocket': (wish) => ({
    streams: 'frames',
    request: upgrade('/mqtt', 'mqtt'),
    hello: clientFrame(binary, connectPacket('')),
    reply: (body) =>
      body[0] === 0x20
        ? clientFrame(binary, subscribePacket(wish.devices.map(deviceTopic)))
        : undefined,
  }),
};
