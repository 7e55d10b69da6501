import { parse, type GraphQLError } from 'graphql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSchema } from '../../schema/schema.ts';
import * as compiled from '../../src/delivery/compiled-selection.ts';
import {
  createSelections,
  type Selections,
  type SelectionsOptions,
} from '../../src/delivery/selections.ts';
import type { Selection } from '../../src/delivery/selection.ts';
import { createHolder, type TestHolder } from '../support/holder.ts';
import { createMessages } from '../support/messages.ts';
import { granted } from '../support/operation-services.ts';
import { endOfTurn } from '../support/turn.ts';

const schema = createSchema();

/** Requests for selections by number: equal ones for equal numbers. */
function open(options: SelectionsOptions = {}): {
  selections: Selections;
  acquire: (n: number, holder: TestHolder) => Selection | GraphQLError;
  refused: [string, number][];
} {
  const refused: [string, number][] = [];
  const selections = createSelections(schema, {
    refused: ({ caller: { who } }, count) => refused.push([who, count]),
    ...options,
  });
  return {
    selections,
    refused,
    acquire: (n, holder) =>
      selections.acquire(
        {
          document: parse(`subscription { deviceMessages(deviceIds: ["a"]) { a${n}: topic } }`),
        },
        holder,
      ),
  };
}

describe('selections', () => {
  it('are refused beyond those that one connection may have, counting each once', () => {
    const { selections, acquire, refused } = open({ maxPerConnection: 2 });
    const [holder, other] = [createHolder('full'), createHolder()];
    for (const n of [1, 1, 2, 2]) granted(acquire(n, holder));
    expect(acquire(3, holder)).toMatchObject({ extensions: { code: 'LIMIT_EXCEEDED' } });
    expect(refused).toEqual([['full', 2]]);
    expect(holder.ended).toBe(false);
    expect(selections.size).toBe(2);
    granted(acquire(2, holder));
    granted(acquire(3, other));
    expect(selections.size).toBe(3);
  });

  it('have a place again when they are used no more', () => {
    const { selections, acquire } = open({ maxPerConnection: 1 });
    const holder = createHolder();
    const twice = [granted(acquire(1, holder)), granted(acquire(1, holder))];
    selections.release(twice[0]!, holder);
    expect(selections.size).toBe(1);
    selections.release(twice[1]!, holder);
    expect(selections.size).toBe(0);
    granted(acquire(2, holder));
  });

  it('make room for a newcomer by ending the connection that has most', () => {
    const { selections, acquire, refused } = open({ maxSelections: 3 });
    const [largest, small, newcomer] = [createHolder('largest'), createHolder(), createHolder()];
    for (const n of [1, 2]) granted(acquire(n, largest));
    granted(acquire(3, small));
    granted(acquire(4, newcomer));
    expect([largest.ended, small.ended, newcomer.ended]).toEqual([true, false, false]);
    expect(refused).toEqual([['largest', 2]]);
    expect(selections.size).toBe(2);
  });

  it('are refused to the connection that has most', () => {
    const { selections, acquire, refused } = open({ maxSelections: 3 });
    const [largest, small] = [createHolder('largest'), createHolder()];
    for (const n of [1, 2]) granted(acquire(n, largest));
    granted(acquire(3, small));
    expect(acquire(4, largest)).toMatchObject({ extensions: { code: 'LIMIT_EXCEEDED' } });
    expect([largest.ended, small.ended]).toEqual([false, false]);
    expect(refused).toEqual([['largest', 2]]);
    expect(selections.size).toBe(3);
  });

  it('do not cost a connection its place when many others use them as well', () => {
    const { acquire } = open({ maxSelections: 5 });
    const pages = Array.from({ length: 10 }, () => createHolder());
    for (const page of pages) for (const n of [1, 2, 3]) granted(acquire(n, page));
    const [largest, newcomer] = [createHolder(), createHolder()];
    for (const n of [4, 5]) granted(acquire(n, largest));
    granted(acquire(6, newcomer));
    expect(largest.ended).toBe(true);
    expect(pages.filter(({ ended }) => ended)).toEqual([]);
  });

  it('are no safer where two connections use the same', () => {
    const { selections, acquire } = open({ maxSelections: 3 });
    const pair = [createHolder(), createHolder()];
    for (const holder of pair) for (const n of [1, 2, 3]) granted(acquire(n, holder));
    granted(acquire(4, createHolder()));
    expect(pair.map(({ ended }) => ended)).toEqual([true, true]);
    expect(selections.size).toBe(1);
  });

  it('may be released by a connection that was ended for them', () => {
    const { selections, acquire } = open({ maxSelections: 2 });
    const [ended, other, newcomer] = [createHolder(), createHolder(), createHolder()];
    const shared = granted(acquire(1, ended));
    const own = granted(acquire(2, ended));
    granted(acquire(1, other));
    granted(acquire(3, newcomer));
    expect(ended.ended).toBe(true);
    selections.release(shared, ended);
    selections.release(own, ended);
    expect(selections.size).toBe(2);
    // Still that of the other.
    expect(acquire(1, createHolder())).toBe(shared);
  });
});

describe('compiling selections', () => {
  beforeEach(() => {
    vi.spyOn(compiled, 'compileSelection');
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('is done for one in a turn of the event loop, and the others are right until then', async () => {
    const { acquire } = open();
    const holder = createHolder();
    const all = [1, 2, 3].map((n) => granted(acquire(n, holder)));
    const nextMessage = createMessages();
    for (let messages = 0; messages < 40; messages += 1) {
      const message = nextMessage('a');
      for (const [index, selection] of all.entries()) {
        expect(selection.text(message, null)).toBe(
          `{"data":{"deviceMessages":{"a${index + 1}":"devices/a/messages"}}}`,
        );
      }
    }
    expect(compiled.compileSelection).toHaveBeenCalledTimes(1);
    for (let turns = 2; turns <= 4; turns += 1) {
      await endOfTurn();
      const message = nextMessage('a');
      for (const selection of all) selection.text(message, null);
      expect(compiled.compileSelection).toHaveBeenCalledTimes(Math.min(turns, 3));
    }
  });
});
