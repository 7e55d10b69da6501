import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { Arrivals, type StreamedMessage, type StreamEnd, type StreamOptions } from './arrivals.ts';
import { EventTexts } from './event-texts.ts';
import type { TestGateway } from './gateway.ts';
import { MultipartTexts } from './multipart.ts';
import { openReservation } from './reservation.ts';

export const streamKinds = [
  'graphql-websocket',
  'graphql-sse',
  'graphql-single-sse',
  'graphql-multipart',
  'plain-websocket',
  'plain-sse',
] as const;
export type StreamKind = (typeof streamKinds)[number];

export function isPlain(kind: StreamKind): boolean {
  return kind.startsWith('plain');
}

export interface Stream extends AsyncIterable<StreamedMessage>, AsyncDisposable {
  /** How many messages have arrived, taken or not. */
  readonly received: number;
  readonly ended: Promise<StreamEnd>;
  /** The next messages; rejects when the stream ends before. */
  take(count: number): Promise<StreamedMessage[]>;
  /** Says good-bye, as the protocol has it. */
  close(): Promise<void>;
  /** Goes without a close frame. */
  vanish(): void;
  /** Stops to read: from now on the kernel's buffers fill, and nothing is answered. */
  pause(): void;
  resume(): void;
}

/** What may be asked for besides. */
interface Request extends StreamOptions {
  /** Whether messages have their `gap`. */
  readonly tellsGaps?: boolean;
  /** Go on behind these positions. Over GraphQL alone. */
  readonly after?: readonly { readonly deviceId: string; readonly position: string }[];
}

/** Of a gateway in another process nothing but the address is known: there, the first message tells that a stream is open. */
type Address = Pick<TestGateway, 'url'> & Partial<Pick<TestGateway, 'stats' | 'until'>>;

/** Opens a stream; what is published from now on comes over it. */
export async function openStream(
  kind: StreamKind,
  gateway: Address,
  deviceIds: readonly string[],
  options: Request = {},
): Promise<Stream> {
  const [stream] = await openStreams([kind], gateway, deviceIds, options);
  return stream!;
}

/** Opens several at once. Nobody else may open or end subscriptions meanwhile: they are told by their number. */
export async function openStreams(
  kinds: readonly StreamKind[],
  gateway: Address,
  deviceIds: readonly string[],
  options: Request = {},
): Promise<Stream[]> {
  const before = gateway.stats?.().activeSubscribers ?? 0;
  const streams = await Promise.all(
    kinds.map((kind) =>
      openers[kind](gateway.url, new Arrivals(options), { ...options, deviceIds }),
    ),
  );
  // A subscription over WebSocket is not acknowledged: the gateway's counter tells that it is open.
  await gateway.until?.(({ activeSubscribers }) => activeSubscribers >= before + kinds.length);
  return streams;
}

interface Asked extends Request {
  readonly deviceIds: readonly string[];
}
type Open = (url: string, arrivals: Arrivals, asked: Asked) => Promise<Stream>;

const openers: Record<StreamKind, Open> = {
  async 'graphql-websocket'(url, arrivals, asked) {
    const head = '{"id":"1","type":"next","payload":';
    const webSocket = new WebSocket(`${webSocketUrl(url)}/graphql`, 'graphql-transport-ws');
    const acknowledged = Promise.withResolvers<void>();
    const stream = readWebSocket(webSocket, arrivals, (frame) => {
      if (frame.startsWith(head)) arrivals.message(graphqlMessage(frame.slice(head.length, -1)));
      else if (frame === '{"type":"connection_ack"}') acknowledged.resolve();
      else arrivals.event(frame);
    });
    await once(webSocket, 'open');
    webSocket.send('{"type":"connection_init"}');
    await acknowledged.promise;
    webSocket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: operation(asked) }));
    return stream;
  },

  async 'graphql-sse'(url, arrivals, asked) {
    return openResponse(`${url}/graphql`, arrivals, {
      body: JSON.stringify(operation(asked)),
      read: readEvents(arrivals, 'next', graphqlMessage),
    });
  },

  async 'graphql-single-sse'(url, arrivals, asked) {
    const head = '{"id":"1","payload":';
    const reservation = await openReservation(url);
    const stream = await openResponse(reservation.streamUrl, arrivals, {
      read: readEvents(arrivals, 'next', (data) => graphqlMessage(data.slice(head.length, -1))),
    });
    await reservation.operate('1', operation(asked));
    return stream;
  },

  async 'graphql-multipart'(url, arrivals, asked) {
    const head = '{"payload":';
    const decoder = new TextDecoder();
    const parts = new MultipartTexts((json) => {
      if (json.startsWith(`${head}{`)) {
        arrivals.message(graphqlMessage(json.slice(head.length, -1)));
      } else if (json !== '{}') {
        const { errors } = JSON.parse(json) as { errors: { extensions: { code: string } }[] };
        arrivals.event(errors[0]!.extensions.code);
      }
    });
    return openResponse(`${url}/graphql`, arrivals, {
      accept: 'multipart/mixed;subscriptionSpec=1.0',
      body: JSON.stringify(operation(asked)),
      read: (chunk) => parts.write(decoder.decode(chunk, { stream: true })),
    });
  },

  async 'plain-websocket'(url, arrivals, asked) {
    const head = '{"event":"message","data":';
    const gapHead = '{"event":"gap","data":';
    const messageOf = plainMessages(asked);
    const webSocket = new WebSocket(`${webSocketUrl(url)}${plainPath(asked)}`);
    const stream = readWebSocket(webSocket, arrivals, (frame) => {
      if (frame.startsWith(head)) {
        arrivals.message(messageOf.message(frame.slice(head.length, -1)));
      } else if (frame.startsWith(gapHead)) messageOf.gap(frame.slice(gapHead.length, -1));
      else if (!frame.startsWith('{"event":"ping"')) arrivals.event(frame);
    });
    await once(webSocket, 'open');
    return stream;
  },

  async 'plain-sse'(url, arrivals, asked) {
    const messageOf = plainMessages(asked);
    return openResponse(`${url}${plainPath(asked)}`, arrivals, {
      read: readEvents(arrivals, 'message', messageOf.message, messageOf.gap),
    });
  },
};

function readWebSocket(
  webSocket: WebSocket,
  arrivals: Arrivals,
  read: (frame: string) => void,
): Stream {
  webSocket.on('message', (data: Buffer) => read(data.toString()));
  webSocket.on('error', () => undefined);
  webSocket.on('close', (closeCode) => arrivals.end({ closeCode }));
  return streamOf(arrivals, {
    say: () => webSocket.close(),
    vanish: () => webSocket.terminate(),
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
  });
}

interface ResponseForm {
  readonly accept?: string;
  /** What is posted; without it, the request is a GET. */
  readonly body?: string;
  readonly read: (chunk: Buffer) => void;
}

/** Reads events, of which those of one name are messages. */
function readEvents(
  arrivals: Arrivals,
  event: string,
  messageOf: (data: string) => StreamedMessage,
  gap?: (data: string) => void,
): (chunk: Buffer) => void {
  const texts = new EventTexts(({ event: name, data }) => {
    if (name === event) arrivals.message(messageOf(data));
    else if (name === 'gap' && gap !== undefined) gap(data);
    else if (name !== ':' && name !== 'ping') arrivals.event(name);
  });
  return (chunk) => texts.write(chunk);
}

async function openResponse(
  url: string,
  arrivals: Arrivals,
  { accept = 'text/event-stream', body, read }: ResponseForm,
): Promise<Stream> {
  const outgoing = request(url, {
    method: body === undefined ? 'GET' : 'POST',
    // A connection of its own, which is gone when the stream is.
    agent: false,
    headers: { accept, ...(body !== undefined && { 'content-type': 'application/json' }) },
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  outgoing.on('error', () => undefined);
  if (response.statusCode !== 200) throw new Error(`the gateway answered ${response.statusCode}`);
  response.on('data', read);
  response.on('error', () => undefined);
  response.on('close', () => arrivals.end({ whole: response.complete }));
  return streamOf(arrivals, {
    say: () => response.destroy(),
    vanish: () => response.destroy(),
    pause: () => void response.pause(),
    resume: () => void response.resume(),
  });
}

function streamOf(
  arrivals: Arrivals,
  { say, ...hands }: { readonly say: () => void } & Pick<Stream, 'vanish' | 'pause' | 'resume'>,
): Stream {
  async function close(): Promise<void> {
    say();
    await arrivals.ended;
  }
  return {
    ...hands,
    get received() {
      return arrivals.received;
    },
    ended: arrivals.ended,
    take: (count) => arrivals.take(count),
    close,
    [Symbol.asyncIterator]: () => arrivals[Symbol.asyncIterator](),
    async [Symbol.asyncDispose]() {
      hands.vanish();
      await arrivals.ended;
    },
  };
}

/** With the payload as the last member, so that its text stands between two texts that are known. */
function operation({ deviceIds, after = [], tellsGaps = false }: Asked): object {
  const gap = tellsGaps ? 'gap { missed reason } ' : '';
  return {
    query: `subscription Messages($ids: [ID!]!, $after: [DevicePosition!]) {
      deviceMessages(deviceIds: $ids, after: $after) { deviceId ${gap}payload }
    }`,
    variables: { ids: deviceIds, after },
  };
}

const beforeDeviceId = '{"data":{"deviceMessages":{"deviceId":';
const beforePayload = ',"payload":';
const behindPayload = '}}}';

function graphqlMessage(result: string): StreamedMessage {
  const idAndGap = /("(?:[^"\\]|\\.)*")(?:,"gap":(null|\{[^}]*\}))?/y;
  idAndGap.lastIndex = beforeDeviceId.length;
  const [between = '', deviceId = '', gap] = idAndGap.exec(result) ?? [];
  const head = `${beforeDeviceId}${between}${beforePayload}`;
  if (!result.startsWith(head) || !result.endsWith(behindPayload)) {
    throw new Error(`no message: ${result.slice(0, 1_000)}`);
  }
  return {
    deviceId: JSON.parse(deviceId) as string,
    payloadText: result.slice(head.length, -behindPayload.length),
    ...(gap !== undefined && {
      gap: JSON.parse(gap) as Exclude<StreamedMessage['gap'], undefined>,
    }),
  };
}

/** A gap comes in front of its message. */
function plainMessages({ tellsGaps = false }: Asked): {
  readonly message: (data: string) => StreamedMessage;
  readonly gap: (data: string) => void;
} {
  type Gap = NonNullable<StreamedMessage['gap']>;
  let pending: (Gap & { readonly device_id: string }) | undefined;
  return {
    message(data) {
      const message = plainMessage(data);
      if (!tellsGaps) return message;
      if (pending === undefined) return { ...message, gap: null };
      const { device_id: deviceId, ...gap } = pending;
      if (deviceId !== message.deviceId) throw new Error(`a gap of ${deviceId} before ${data}`);
      pending = undefined;
      return { ...message, gap };
    },
    gap(data) {
      if (!tellsGaps || pending !== undefined)
        throw new Error(`a gap that nobody expects: ${data}`);
      pending = JSON.parse(data) as NonNullable<typeof pending>;
    },
  };
}

function plainMessage(data: string): StreamedMessage {
  // Most often it stands in front; only where it does not, the whole text is parsed for it.
  const [, front] = /^\{"device_id":("(?:[^"\\]|\\.)*")[,}]/.exec(data) ?? [];
  const deviceId: unknown =
    front === undefined
      ? (JSON.parse(data) as { device_id: unknown }).device_id
      : JSON.parse(front);
  return { deviceId: String(deviceId), payloadText: data };
}

function plainPath({ deviceIds, tellsGaps = false }: Asked): string {
  const gaps = tellsGaps ? '&gaps=1' : '';
  return `/api/v1/stream?device_ids=${deviceIds.map(encodeURIComponent).join(',')}${gaps}`;
}

function webSocketUrl(url: string): string {
  return url.replace(/^http/, 'ws');
}
