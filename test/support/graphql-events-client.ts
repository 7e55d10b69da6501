import { createClient } from 'graphql-sse';
import { EventTexts } from './event-texts.ts';
import { Inbox } from './inbox.ts';
import { memberText } from './json-text.ts';
import type { Arrival, OpenStream } from './message-stream.ts';
import { subscriptionTo } from './subscription-document.ts';

/** The client of graphql-sse, with a look at the bytes before it reads them. */
export const openGraphqlEvents: OpenStream = async (gateway, deviceIds, options) => {
  const arrivals = new Inbox<Arrival>();
  const data: string[] = [];
  const connected = Promise.withResolvers<void>();
  const client = createClient({
    url: `${gateway.url}/graphql`,
    retryAttempts: 0,
    fetchFn: async (...request: Parameters<typeof fetch>) => {
      const response = await fetch(...request);
      return new Response(response.body?.pipeThrough(tap(data)), response);
    },
    on: { connected: () => connected.resolve() },
  });
  client.subscribe<{ deviceMessages: { deviceId: string } }>(subscriptionTo(deviceIds, options), {
    next: (result) =>
      arrivals.push({
        deviceId: result.data!.deviceMessages.deviceId,
        text: memberText(data.shift()!, 'data', 'deviceMessages', 'payload'),
      }),
    error: (reason) => {
      const error = reason instanceof Error ? reason : new Error(JSON.stringify(reason));
      connected.reject(error);
      arrivals.end(error);
    },
    complete: () => arrivals.end(new Error('completed')),
  });
  await connected.promise;
  return {
    arrivals,
    close: () => Promise.resolve(client.dispose()),
    kill: () => client.dispose(),
  };
};

/** Passes everything on, and keeps the data of each `next` event. */
function tap(data: string[]): TransformStream<Uint8Array, Uint8Array> {
  const events = new EventTexts(({ event, data: text }) => {
    if (event === 'next') data.push(text);
  });
  return new TransformStream({
    transform(chunk, controller) {
      events.write(chunk);
      controller.enqueue(chunk);
    },
  });
}
