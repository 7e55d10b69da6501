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
} from './plain-stream.ts';
import type { PlainForms } from './plain-form.ts';
import type { Exchange } from '../http/endpoint.ts';
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

/** The plain stream as server-sent events: `message`, `ping` and `error`, and `gap` on request. */
export function createPlainEvents(
  context: TransportContext,
  forms: PlainForms,
): (exchange: Exchange) => Promise<void> {
  async function open({ request, response, searchParams, connection }: Exchange): Promise<void> {
    const caller = connection.callerBy('plain-sse');
    const tellsGaps = asksForGaps(searchParams);
    // The answer to a GET, without the stream.
    if (request.method === 'HEAD') {
      deviceIdsOf(context, searchParams);
      writeStreamHead(response, form);
      response.end();
      return;
    }
    const seen = seenPositions(lastEventIdOf(request, searchParams));
    const subscription = await subscribePlain(context, searchParams, caller, seen);
    if (response.destroyed) {
      // The client disconnected meanwhile: no later event reports that.
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
    const { messages, gaps } = positions.size === 1 ? forms.eventsOfOneDevice : forms.events;
    stream.outgoing.add({
      subscription,
      rendering: messages,
      gaps: tellsGaps ? gaps : undefined,
      head: () => noBytes,
      headOf: headOf(positions),
      ended(reason, error) {
        if (reason === 'CONNECTION_LOST' || reason === 'SHUTTING_DOWN') return;
        const message = error === undefined ? 'The stream has ended' : context.hide(error).message;
        stream.send(eventText('error', JSON.stringify({ message })));
        stream.end();
      },
    });
  }

  return async (exchange) => {
    const { response, connection } = exchange;
    const refused = streamRefusal(context, connection);
    if (refused !== undefined) {
      respondJson(response, refused.status, { error: { message: refused.message } });
      return;
    }
    try {
      await open(exchange);
    } catch (error) {
      if (!(error instanceof PlainRequestError)) throw error;
      respondJson(response, 400, { error: { message: error.message } });
    }
  };
}
