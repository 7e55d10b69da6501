import type { OverflowPolicy } from '../../src/broker/overflow-policy.ts';
import type { TestGateway } from './gateway.ts';
import { openGraphqlEvents } from './graphql-events-client.ts';
import { openGraphqlWebSocket } from './graphql-websocket-client.ts';
import type { Inbox } from './inbox.ts';
import { openPlainEvents } from './plain-events-client.ts';
import { openPlainWebSocket } from './plain-websocket-client.ts';
import { until } from './until.ts';

/** One message as it came over the wire. */
export interface Arrival {
  /** As the stream tells it: beside the payload over GraphQL, in it on the plain stream. */
  readonly deviceId: string;
  /** The very text that stood on the wire: the payload over GraphQL, the data on the plain stream. */
  readonly text: string;
}

/** The messages of some devices over one connection. */
export interface MessageStream {
  readonly arrivals: Inbox<Arrival>;
  /** Says good-bye, as the protocol has it. */
  close(): Promise<void>;
  /** Goes away without a word. */
  kill(): void;
}

export interface StreamOptions {
  /** Only GraphQL can ask for it. */
  readonly overflow?: OverflowPolicy;
  readonly maxQueued?: number;
}

export type OpenStream = (
  gateway: Pick<TestGateway, 'url' | 'webSocketUrl'>,
  deviceIds: readonly string[],
  options?: StreamOptions,
) => Promise<MessageStream>;

/** The four streams, each read by a client that its users have. */
export const transports = {
  'GraphQL over WebSocket': openGraphqlWebSocket,
  'GraphQL over SSE': openGraphqlEvents,
  'plain WebSocket': openPlainWebSocket,
  'plain SSE': openPlainEvents,
} as const satisfies Record<string, OpenStream>;

export type Transport = keyof typeof transports;
export const transportNames = Object.keys(transports) as Transport[];

export function isPlain(transport: Transport): boolean {
  return transport === 'plain WebSocket' || transport === 'plain SSE';
}

/** Opens a stream that its test closes. What is published from now on comes over it. */
export async function openMessages(
  gateway: TestGateway,
  transport: Transport,
  deviceIds: readonly string[],
  options: StreamOptions = {},
): Promise<MessageStream & AsyncDisposable> {
  const before = gateway.stats().activeSubscribers;
  const stream = await transports[transport](gateway, deviceIds, options);
  await until('the subscription is open', () => gateway.stats().activeSubscribers > before);
  return { ...stream, [Symbol.asyncDispose]: () => stream.close() };
}
