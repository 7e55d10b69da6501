import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  EventPositions,
  headOf,
  lastEventIdOf,
  seenPositions,
} from '../event-stream/event-positions.ts';
import { eventsForm, eventText } from '../event-stream/event-text.ts';
import {
  asksForGaps,
  deviceIdsOf,
  keepAliveData,
  PlainRequestError,
  subscribePlain,
  type PlainRenderings,
} from './plain-stream.ts';
import type { HttpConnection } from '../http/http-connections.ts';
import { respondJson } from '../http/respond.ts';
import {
  ResponseStream,
  streamRefusal,
  writeStreamHead,
  type StreamForm,
} from '../event-stream/response-stream.ts';
import type { TransportContext } from '../transport-context.ts';

const noBytes = Buffer.alloc(0);
const form: StreamForm = { ...eventsForm, keepAlive: eventText('ping', keepAliveData) };

/** The plain stream as server-sent events: `message`, `ping` and `error`, and `gap` for who asks. */
export async function servePlainEvents(
  context: TransportContext,
  plain: PlainRenderings,
  request: IncomingMessage,
  response: ServerResponse,
  searchParams: URLSearchParams,
  connection: HttpConnection,
): Promise<void> {
  const caller = connection.callerBy('plain-sse');
  const refused = streamRefusal(context, connection);
  if (refused !== undefined) {
    respondJson(response, refused.status, { error: { message: refused.message } });
    return;
  }
  try {
    const tellsGaps = asksForGaps(searchParams);
    // What a GET would be answered, without the stream.
    if (request.method === 'HEAD') {
      deviceIdsOf(context, searchParams);
      writeStreamHead(response, form);
      response.end();
      return;
    }
    const seen = seenPositions(lastEventIdOf(request, searchParams));
    const subscription = await subscribePlain(context, searchParams, caller, seen);
    if (response.destroyed) {
      // The client went meanwhile: nothing will tell us again.
      subscription.end('CONNECTION_LOST');
      return;
    }
    const positions = new EventPositions(subscription.begins);
    const stream = new ResponseStream(context, {
      request,
      response,
      caller,
      form,
      id: positions.id,
    });
    stream.pump.add({
      subscription,
      rendering: positions.size === 1 ? plain.eventsOfOneDevice : plain.events,
      gaps: tellsGaps ? plain.gaps.events : undefined,
      head: () => noBytes,
      headOf: headOf(positions),
      ended(reason, error) {
        if (reason === 'CONNECTION_LOST' || reason === 'SHUTTING_DOWN') return;
        const message = error === undefined ? 'The stream has ended' : context.hide(error).message;
        stream.send(eventText('error', JSON.stringify({ message })));
        stream.end();
      },
    });
  } catch (error) {
    if (!(error instanceof PlainRequestError)) throw error;
    respondJson(response, 400, { error: { message: error.message } });
  }
}
