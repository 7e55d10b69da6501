import { ChunkedBody } from './chunked-body.ts';
import { EventTexts } from './event-texts.ts';
import type { TestGateway } from './gateway.ts';
import { Inbox } from './inbox.ts';
import { memberText } from './json-text.ts';
import type { StreamOptions, Transport } from './message-stream.ts';
import { plainStreamPath } from './plain-stream-path.ts';
import { RawSocket } from './raw-socket.ts';
import { subscriptionTo } from './subscription-document.ts';
import { clientFrame, FrameReader, Opcode, upgradeRequest } from './websocket-frames.ts';

type Address = Pick<TestGateway, 'url'>;

/** A subscriber of flesh and sockets: it can stop reading, and it can vanish. It answers no ping. */
export interface RawSubscriber extends AsyncDisposable {
  readonly socket: RawSocket;
  /** The text of each message: the payload over GraphQL, the data on the plain stream. */
  readonly texts: Inbox<string>;
  /** Everything else that was said, in a few words: `ping`, `close 1001`, `:`, `complete`, `end` … */
  readonly remarks: Inbox<string>;
}

/**
 * Subscribes over a bare socket. The plain streams are open when this resolves;
 * over GraphQL the subscription has been sent and is about to be.
 */
export async function subscribeRaw(
  gateway: Address,
  transport: Transport,
  deviceIds: readonly string[],
  options: StreamOptions = {},
): Promise<RawSubscriber> {
  const socket = await RawSocket.connect(gateway.url);
  const subscriber: RawSubscriber = {
    socket,
    texts: new Inbox(),
    remarks: new Inbox(),
    [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose](),
  };
  switch (transport) {
    case 'GraphQL over WebSocket':
      await upgrade(subscriber, '/graphql', 'payload', 'data', 'deviceMessages', 'payload');
      await say(socket, { type: 'connection_init' });
      await subscriber.remarks.next();
      await say(socket, {
        type: 'subscribe',
        id: '1',
        payload: subscriptionTo(deviceIds, options),
      });
      break;
    case 'plain WebSocket':
      await upgrade(subscriber, plainStreamPath(deviceIds), 'data');
      break;
    case 'GraphQL over SSE':
      await request(subscriber, post(subscriptionTo(deviceIds, options)), (data) =>
        memberText(data, 'data', 'deviceMessages', 'payload'),
      );
      break;
    case 'plain SSE':
      await request(
        subscriber,
        `GET ${plainStreamPath(deviceIds)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
        (data) => data,
      );
  }
  return subscriber;
}

async function say(socket: RawSocket, message: object): Promise<void> {
  await socket.write(clientFrame(Opcode.text, JSON.stringify(message)));
}

async function upgrade(
  { socket, texts, remarks }: RawSubscriber,
  path: string,
  ...toText: string[]
): Promise<void> {
  const isGraphql = path === '/graphql';
  await socket.write(upgradeRequest(path, isGraphql ? 'graphql-transport-ws' : undefined));
  await accepted(socket, 101);
  const reader = new FrameReader(({ opcode, content }) => {
    if (opcode === Opcode.close) remarks.push(`close ${content.readUInt16BE(0)}`);
    else if (opcode === Opcode.ping) remarks.push('WebSocket ping');
    else if (opcode === Opcode.text) {
      const text = content.toString();
      const { type, event } = JSON.parse(text) as { type?: string; event?: string };
      if (type === 'next' || event === 'message') texts.push(memberText(text, ...toText));
      else remarks.push(type ?? event ?? text);
    }
  });
  socket.readAll((chunk) => reader.write(chunk));
}

function post(body: object): string {
  const text = JSON.stringify(body);
  return [
    'POST /graphql HTTP/1.1',
    'Host: localhost',
    'Accept: text/event-stream',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    '',
    text,
  ].join('\r\n');
}

async function request(
  { socket, texts, remarks }: RawSubscriber,
  text: string,
  toText: (data: string) => string,
): Promise<void> {
  await socket.write(text);
  await accepted(socket, 200);
  const events = new EventTexts(({ event, data }) => {
    if (event === 'next' || event === 'message') texts.push(toText(data));
    else remarks.push(event);
  });
  const body = new ChunkedBody(
    (data) => events.write(data),
    () => remarks.push('end'),
  );
  socket.readAll((chunk) => body.write(chunk));
}

async function accepted(socket: RawSocket, status: number): Promise<void> {
  const head = await socket.head();
  if (!head.startsWith(`HTTP/1.1 ${status}`)) throw new Error(`not accepted: ${head}`);
}
