import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventText } from '../../../src/transport/event-stream/event-text.ts';

interface Event {
  readonly event: string;
  readonly data: string;
}

/** The events of a stream, read line by line as the HTML standard says (9.2.6). */
function parseEvents(stream: string): Event[] {
  const events: Event[] = [];
  let event = '';
  let data: string | undefined;
  const lines = stream.split(/\r\n|\n|\r/);
  // What follows the last line end is no line yet.
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      if (data !== undefined) events.push({ event, data });
      event = '';
      data = undefined;
      continue;
    }
    const [field, value = ''] = line.split(/: ?(.*)/s);
    if (field === 'event') event = value;
    else if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
    else throw new Error(`no field of ours: ${line}`);
  }
  return events;
}

describe('eventText', () => {
  it('is one event with its name and its data', () => {
    expect(eventText('next', '{"a":1}')).toBe('event: next\ndata: {"a":1}\n\n');
  });

  it('has a line of its own for each line of the data, however the lines end', () => {
    expect(eventText('message', '{\r\n"a":\r1,\n\n"b":2}')).toBe(
      'event: message\ndata: {\ndata: "a":\ndata: 1,\ndata: \ndata: "b":2}\n\n',
    );
  });

  it('arrives as it was, line ends aside, between its neighbours', () => {
    const text = fc.string({
      unit: fc.constantFrom('\r', '\n', '\r\n', ' ', ':', 'data:', 'a', '\u2028', '\u0085', '🚲'),
    });
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const stream = texts.map((data) => eventText('message', data)).join('');
        expect(parseEvents(stream)).toEqual(
          texts.map((data) => ({ event: 'message', data: data.replaceAll(/\r\n?/g, '\n') })),
        );
      }),
      { numRuns: 500 },
    );
  });
});
