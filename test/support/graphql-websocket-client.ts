import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { Inbox } from './inbox.ts';
import { memberText } from './json-text.ts';
import type { Arrival, OpenStream } from './message-stream.ts';
import { subscriptionTo } from './subscription-document.ts';

/** The client of graphql-ws, over a WebSocket that also keeps the text of the frame being read. */
export const openGraphqlWebSocket: OpenStream = async (gateway, deviceIds, options) => {
  const arrivals = new Inbox<Arrival>();
  let frame = '';
  let socket: WebSocket | undefined;
  class ReadingWebSocket extends WebSocket {
    constructor(address: string, protocols: string | string[]) {
      super(address, protocols);
      // oxlint-disable-next-line typescript/no-this-alias -- the client makes its socket itself, and nothing else leads to it
      socket = this;
      // Registered before those of the client, so the frame is known when the client hands over its result.
      this.on('message', (data: Buffer) => {
        frame = data.toString();
      });
    }
  }
  const connected = Promise.withResolvers<void>();
  const client = createClient({
    url: `${gateway.webSocketUrl}/graphql`,
    webSocketImpl: ReadingWebSocket,
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => undefined,
    on: { connected: () => connected.resolve(), error: (error) => connected.reject(error) },
  });
  await connected.promise;
  client.subscribe<{ deviceMessages: { deviceId: string } }>(subscriptionTo(deviceIds, options), {
    next: ({ data }) =>
      arrivals.push({
        deviceId: data!.deviceMessages.deviceId,
        text: memberText(frame, 'payload', 'data', 'deviceMessages', 'payload'),
      }),
    error: (reason) => arrivals.end(asError(reason)),
    complete: () => arrivals.end(new Error('completed')),
  });
  return {
    arrivals,
    async close() {
      await client.dispose();
    },
    kill() {
      socket?.terminate();
    },
  };
};

/** The client reports errors of the operation, or the event with which its socket was closed. */
function asError(reason: unknown): Error {
  if (reason instanceof Error) return reason;
  return new Error(`ended: ${JSON.stringify(reason)}`, { cause: reason });
}
