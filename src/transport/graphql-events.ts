import { resultText } from '../delivery/result-text.ts';
import { eventsForm, eventText } from './event-text.ts';
import type { OperationStreamKind } from './graphql-stream.ts';

const noBytes = Buffer.alloc(0);

/**
 * GraphQL over server-sent events, distinct connections mode: one operation a
 * stream, `next` events, and `complete` at its end.
 *
 * An invalid operation gets a stream too, with its errors in a `next`: an
 * EventSource cannot read the body of any other answer.
 */
export const graphqlEvents: OperationStreamKind = {
  name: 'sse',
  form: eventsForm,
  wire: { encode: (text) => Buffer.from(eventText('next', text)) },
  head: () => noBytes,
  next: (result) => eventText('next', result),
  failed: (error) => eventText('next', resultText({ errors: [error.toJSON()] })),
  complete: 'event: complete\ndata:\n\n',
};
