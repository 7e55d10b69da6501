import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { EventTexts } from './event-texts.ts';
import type { TestGateway } from './gateway.ts';

export const streamKinds = [
  'graphql-websocket',
  'graphql-sse',
  'plain-websocket',
  'plain-sse',
] as const;
export type StreamKind = (typeof streamKinds)[number];

export function isPlain(kind: StreamKind): boolean {
  return kind.startsWith('plain');
}

export interface StreamedMessage {
  /** As the stream tells it: beside the payload over GraphQL, in it on the plain stream. */
  readonly deviceId: string;
  /** The payload over GraphQL, the data on the plain stream: cut out of the bytes, never parsed. */
  readonly payloadText: string;
}

/** How a stream came to its end. */
export interface StreamEnd {
  /** Of a WebSocket; 1006 when no close frame came. */
  readonly closeCode?: number;
  /** Of an event stream: whether the response came to its end, rather than being cut off. */
  readonly whole?: boolean;
  /** What came besides messages and signs of life: `complete`, `error`. */
  readonly events: readonly string[];
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

export interface StreamOptions {
  /** Told of each message instead of having it kept, for streams of more messages than memory shall hold. */
  readonly each?: (message: StreamedMessage) => void;
}

/** Of a gateway in another process nothing but the address is known: there, the first message tells that a stream is open. */
type Address = Pick<TestGateway, 'url'> & Partial<Pick<TestGateway, 'stats' | 'until'>>;

/** Opens a stream; what is published from now on comes over it. */
export async function openStream(
  kind: StreamKind,
  gateway: Address,
  deviceIds: readonly string[],
  options: StreamOptions = {},
): Promise<Stream> {
  const [stream] = await openStreams([kind], gateway, deviceIds, options);
  return stream!;
}

/** Opens several at once. Nobody else may open or end subscriptions meanwhile: they are told by their number. */
export async function openStreams(
  kinds: readonly StreamKind[],
  gateway: Address,
  deviceIds: readonly string[],
  options: StreamOptions = {},
): Promise<Stream[]> {
  const before = gateway.stats?.().activeSubscribers ?? 0;
  const streams = await Promise.all(
    kinds.map((kind) => openers[kind](gateway.url, deviceIds, new Arrivals(options))),
  );
  // A subscription over WebSocket is not acknowledged: the gateway's counter tells that it is open.
  await gateway.until?.(({ activeSubscribers }) => activeSubscribers >= before + kinds.length);
  return streams;
}

/** What has come over a stream. */
class Arrivals {
  readonly ended: Promise<StreamEnd>;
  received = 0;
  readonly #each: ((message: StreamedMessage) => void) | undefined;
  readonly #events: string[] = [];
  #settleEnd: (end: StreamEnd) => void = () => undefined;
  #end: StreamEnd | undefined;
  #kept: StreamedMessage[] = [];
  #taken = 0;
  #wake: (() => void) | undefined;

  constructor({ each }: StreamOptions) {
    this.#each = each;
    this.ended = new Promise((resolve) => {
      this.#settleEnd = resolve;
    });
  }

  message(message: StreamedMessage): void {
    this.received += 1;
    if (this.#each === undefined) this.#kept.push(message);
    else this.#each(message);
    this.#wake?.();
  }

  event(name: string): void {
    this.#events.push(name);
  }

  end(how: Omit<StreamEnd, 'events'>): void {
    this.#end ??= { ...how, events: this.#events };
    this.#settleEnd(this.#end);
    this.#wake?.();
  }

  async next(): Promise<StreamedMessage | undefined> {
    while (this.#taken === this.#kept.length) {
      if (this.#end !== undefined) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#taken += 1;
    return this.#kept[this.#taken - 1];
  }

  async take(count: number): Promise<StreamedMessage[]> {
    const messages: StreamedMessage[] = [];
    while (messages.length < count) {
      const message = await this.next();
      if (message === undefined) {
        const end = JSON.stringify(this.#end);
        throw new Error(`the stream ended after ${messages.length} of ${count} messages: ${end}`);
      }
      messages.push(message);
    }
    return messages;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamedMessage, void> {
    for (let message = await this.next(); message !== undefined; message = await this.next()) {
      yield message;
    }
  }
}

type Open = (url: string, deviceIds: readonly string[], arrivals: Arrivals) => Promise<Stream>;

const openers: Record<StreamKind, Open> = {
  async 'graphql-websocket'(url, deviceIds, arrivals) {
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
    webSocket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: operation(deviceIds) }));
    return stream;
  },

  async 'graphql-sse'(url, deviceIds, arrivals) {
    return openEvents(`${url}/graphql`, arrivals, {
      body: JSON.stringify(operation(deviceIds)),
      event: 'next',
      messageOf: graphqlMessage,
    });
  },

  async 'plain-websocket'(url, deviceIds, arrivals) {
    const head = '{"event":"message","data":';
    const webSocket = new WebSocket(`${webSocketUrl(url)}${plainPath(deviceIds)}`);
    const stream = readWebSocket(webSocket, arrivals, (frame) => {
      if (frame.startsWith(head)) arrivals.message(plainMessage(frame.slice(head.length, -1)));
      else if (!frame.startsWith('{"event":"ping"')) arrivals.event(frame);
    });
    await once(webSocket, 'open');
    return stream;
  },

  async 'plain-sse'(url, deviceIds, arrivals) {
    return openEvents(`${url}${plainPath(deviceIds)}`, arrivals, {
      event: 'message',
      messageOf: plainMessage,
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

interface EventsForm {
  /** What is posted; without it, the request is a GET. */
  readonly body?: string;
  /** The name of the events that are messages. */
  readonly event: string;
  readonly messageOf: (data: string) => StreamedMessage;
}

async function openEvents(
  url: string,
  arrivals: Arrivals,
  { body, event, messageOf }: EventsForm,
): Promise<Stream> {
  const outgoing = request(url, {
    method: body === undefined ? 'GET' : 'POST',
    // A connection of its own, which is gone when the stream is.
    agent: false,
    headers: {
      accept: 'text/event-stream',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  outgoing.on('error', () => undefined);
  if (response.statusCode !== 200) throw new Error(`the gateway answered ${response.statusCode}`);
  const texts = new EventTexts(({ event: name, data }) => {
    if (name === event) arrivals.message(messageOf(data));
    else if (name !== ':' && name !== 'ping') arrivals.event(name);
  });
  response.on('data', (chunk: Buffer) => texts.write(chunk));
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
function operation(deviceIds: readonly string[]): object {
  return {
    query:
      'subscription Messages($ids: [ID!]!) { deviceMessages(deviceIds: $ids) { deviceId payload } }',
    variables: { ids: deviceIds },
  };
}

const beforeDeviceId = '{"data":{"deviceMessages":{"deviceId":';
const beforePayload = ',"payload":';
const behindPayload = '}}}';

function graphqlMessage(result: string): StreamedMessage {
  const id = /"(?:[^"\\]|\\.)*"/y;
  id.lastIndex = beforeDeviceId.length;
  const deviceId = id.exec(result)?.[0] ?? '';
  const head = `${beforeDeviceId}${deviceId}${beforePayload}`;
  if (!result.startsWith(head) || !result.endsWith(behindPayload)) {
    throw new Error(`no message: ${result.slice(0, 1_000)}`);
  }
  return {
    deviceId: JSON.parse(deviceId) as string,
    payloadText: result.slice(head.length, -behindPayload.length),
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

function plainPath(deviceIds: readonly string[]): string {
  return `/api/v1/stream?device_ids=${deviceIds.map(encodeURIComponent).join(',')}`;
}

function webSocketUrl(url: string): string {
  return url.replace(/^http/, 'ws');
}
