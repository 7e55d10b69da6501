import { describe, expect, it } from 'vitest';
import { ResultStream } from '../../src/delivery/result-stream.ts';

const done = { value: undefined, done: true };

/** A stream of the events that a test hands it; `ended` counts. */
function open(textOf: (event: unknown) => string | Promise<string> = String): {
  results: ResultStream;
  events: unknown[];
  ended: () => number;
  returned: () => number;
} {
  const events: unknown[] = [];
  let ended = 0;
  let returned = 0;
  const source = {
    next: async () => (events.length === 0 ? done : { value: events.shift(), done: false }),
    return: async () => {
      returned += 1;
      return done;
    },
    [Symbol.asyncIterator]: () => source,
  };
  const results = new ResultStream(source, { textOf, ended: () => (ended += 1) });
  return { results, events, ended: () => ended, returned: () => returned };
}

describe('a stream of results', () => {
  it('has the text of each event, and ends once', async () => {
    const { results, events, ended } = open((event) => `text ${String(event)}`);
    events.push(1, 2);
    expect(await results.next()).toEqual({ value: 'text 1', done: false });
    expect(await results.next()).toEqual({ value: 'text 2', done: false });
    expect(ended()).toBe(0);
    expect(await results.next()).toEqual(done);
    expect(ended()).toBe(1);
    expect(await results.return()).toEqual(done);
    expect(ended()).toBe(1);
  });

  it('ends its events when no more of it is wanted', async () => {
    const { results, ended, returned } = open();
    expect(await results.return()).toEqual(done);
    expect([ended(), returned()]).toEqual([1, 1]);
  });

  it('has no text that was wanted no more by the time that it was made', async () => {
    const made = Promise.withResolvers<string>();
    const { results, events, ended } = open(() => made.promise);
    events.push(1);
    const next = results.next();
    await results.return();
    expect(ended()).toBe(1);
    made.resolve('late');
    expect(await next).toEqual(done);
    expect(ended()).toBe(1);
  });

  it('ends with what a text cannot be made for', async () => {
    const { results, events, ended } = open(() => Promise.reject(new Error('no text')));
    events.push(1);
    await expect(results.next()).rejects.toThrow('no text');
    expect(ended()).toBe(1);
  });
});
