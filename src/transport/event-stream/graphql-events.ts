import { resultText } from '../../delivery/result-text.ts';
import type { Wire } from '../../delivery/rendering.ts';
import { idOfOneDevice } from './event-positions.ts';
import { eventsForm, eventText, idLine } from './event-text.ts';
import type { OperationStreamKind } from './operation-stream-kind.ts';

const noBytes = Buffer.alloc(0);
/** For streams with one device: the id is the same for all of them, so it is part of the shared bytes. */
const wireOfOneDevice: Wire = {
  encode: (text, message) => Buffer.from(idLine(idOfOneDevice(message)) + eventText('next', text)),
};

/**
 * GraphQL over server-sent events, distinct connections mode: one operation per stream,
 * `next` events, and `complete` at its end.
 *
 * An invalid operation gets a stream too, with its errors in a `next`, because an
 * EventSource cannot read the body of any other answer.
 */
export const graphqlEvents: OperationStreamKind = {
  transport: 'sse',
  form: eventsForm,
  wire: { encode: (text) => Buffer.from(eventText('next', text)) },
  wireOfOneDevice,
  head: () => noBytes,
  next: (result) => eventText('next', result),
  failed: (error) => eventText('next', resultText({ errors: [error.toJSON()] })),
  complete: 'event: complete\ndata:\n\n',
};
