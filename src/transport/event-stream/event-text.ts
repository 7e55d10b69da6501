import type { StreamForm } from './response-stream.ts';

/** The text of server-sent events. When a stream just ends, the client reconnects. */
export const eventsForm: StreamForm = {
  contentType: 'text/event-stream; charset=utf-8',
  // Spread over some seconds, because all clients reconnect after a restart.
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

/** The line with the id of an event. Alone, it tells a client from where to resume. */
export function idLine(id: string): string {
  return `${idPrefix}${id}\n`;
}

/**
 * Each line of the data is a line of the event, and the client joins them again, so
 * pretty-printed JSON arrives unchanged.
 */
export function eventLines(data: string): string {
  return /[\r\n]/.test(data) ? data.replaceAll(/\r\n|\r|\n/g, '\ndata: ') : data;
}
