import type { IncomingMessage, ServerResponse } from 'node:http';
import { EventStream } from './event-stream.ts';
import { eventText } from './event-text.ts';
import {
  keepAliveData,
  PlainRequestError,
  subscribePlain,
  type PlainRenderings,
} from './plain-stream.ts';
import { respondJson } from './respond.ts';
import type { TransportContext } from './transport-context.ts';

const noBytes = Buffer.alloc(0);

/** The plain stream as server-sent events: `message`, `ping` and `error`. */
export function servePlainEvents(
  context: TransportContext,
  plain: PlainRenderings,
  request: IncomingMessage,
  response: ServerResponse,
  searchParams: URLSearchParams,
): void {
  const { connections, turn } = context;
  const who = `plain-sse ${request.socket.remoteAddress}:${request.socket.remotePort}`;
  if (connections.full) {
    respondJson(response, 503, { error: { message: 'Too many connections.' } });
    return;
  }
  try {
    const subscription = subscribePlain(context, searchParams, who);
    const stream = new EventStream({
      request,
      response,
      connections,
      turn,
      who,
      keepAliveText: eventText('ping', keepAliveData),
    });
    stream.pump.add({
      subscription,
      rendering: plain.events,
      head: () => noBytes,
      ended(reason, error) {
        if (reason === 'CONNECTION_LOST' || reason === 'SHUTTING_DOWN') return;
        const message = error?.message ?? 'The stream has ended';
        stream.send(eventText('error', JSON.stringify({ message })));
        stream.end();
      },
    });
  } catch (error) {
    if (!(error instanceof PlainRequestError)) throw error;
    respondJson(response, 400, { error: { message: error.message } });
  }
}
