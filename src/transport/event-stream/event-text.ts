import type { StreamForm } from './response-stream.ts';

/** Server-sent events. A stream that ends without a word is one that the client connects again. */
export const eventsForm: StreamForm = {
  contentType: 'text/event-stream; charset=utf-8',
  // Spread over some seconds: those whom a restart cuts off all come back.
  opening: (id) =>
    `:\nretry: ${1_000 + Math.floor(Math.random() * 2_000)}\n${id === '' ? '' : idLine(id)}\n`,
  keepAlive: ':\n\n',
  goingAway: '',
};

/** One server-sent event. */
export function eventText(event: string, data: string): string {
  return `event: ${event}\ndata: ${eventLines(data)}\n\n`;
}

export const idPrefix = 'id: ';

/** The line that names an event, or that alone tells a client what to come back with. */
export function idLine(id: string): string {
  return `${idPrefix}${id}\n`;
}

/**
 * Each line of the data is a line of the event, and the client joins them
 * again, so pretty-printed JSON arrives as it was.
 */
export function eventLines(data: string): string {
  return /[\r\n]/.test(data) ? data.replaceAll(/\r\n|\r|\n/g, '\ndata: ') : data;
}
