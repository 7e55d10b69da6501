/**
 * One server-sent event. Each line of the data is a line of the event, and the
 * client joins them again, so pretty-printed JSON arrives as it was.
 */
export function eventText(event: string, data: string): string {
  const lines = /[\r\n]/.test(data) ? data.replaceAll(/\r\n|\r|\n/g, '\ndata: ') : data;
  return `event: ${event}\ndata: ${lines}\n\n`;
}
