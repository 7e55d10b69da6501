import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { answerTo, refusal, type Answer } from '../../src/delivery/answer.ts';
import { RawJson } from '../../src/kernel/raw-json.ts';
import { limitExceeded } from '../../schema/errors.ts';

const maxBytes = 1_000;

function open(): { answer: (result: Parameters<typeof answerTo>[0]) => Answer; counts: Counts } {
  const counts = { refused: 0, hidden: 0 };
  return {
    counts,
    answer: (result) =>
      answerTo(result, {
        maxBytes,
        refused: () => (counts.refused += 1),
        hide(error) {
          counts.hidden += 1;
          return new GraphQLError(`hidden: ${(error as Error).message}`);
        },
      }),
  };
}

interface Counts {
  refused: number;
  hidden: number;
}

/** A result whose text has so many bytes. */
function ofBytes(bytes: number, character = 'x'): { data: { a: string } } {
  const room = bytes - '{"data":{"a":""}}'.length;
  return { data: { a: character.repeat(room / Buffer.byteLength(character)) } };
}

const tooLong = {
  text: `{"data":null,"errors":[{"message":"One answer takes at most ${maxBytes} bytes: ask for fewer devices, or for fewer messages of each.","extensions":{"code":"LIMIT_EXCEEDED"}}]}`,
  hasData: true,
};

describe('an answer', () => {
  it('is the text of the result', () => {
    const { answer, counts } = open();
    expect(answer({ data: { a: 1 } })).toEqual({
      text: '{"data":{"a":1}}',
      errors: [],
      hasData: true,
    });
    expect(counts).toEqual({ refused: 0, hidden: 0 });
  });

  it('has at most 20 errors, and looks at no more', () => {
    const { answer, counts } = open();
    const errors = Array.from({ length: 10_000 }, (_, n) => new GraphQLError(`${n}`));
    const { text, errors: shown } = answer({ errors, data: { a: null } });
    const told = (JSON.parse(text) as { errors: { message: string }[] }).errors;
    expect(told).toHaveLength(20);
    expect(told[19]).toEqual({ message: 'hidden: 19' });
    expect(shown).toHaveLength(20);
    expect(counts.hidden).toBe(20);
  });

  it('is one error when it would be longer than it may be', () => {
    const { answer, counts } = open();
    expect(answer(ofBytes(maxBytes - 10)).text).toHaveLength(maxBytes - 10);
    expect(counts.refused).toBe(0);
    expect(answer(ofBytes(maxBytes + 1))).toMatchObject(tooLong);
    expect(counts.refused).toBe(1);
  });

  it('is as long as its bytes, not as its characters', () => {
    const { answer } = open();
    expect(answer(ofBytes(maxBytes * 2, '€'))).toMatchObject(tooLong);
  });

  it('is given up before it is joined', () => {
    const { answer, counts } = open();
    const payload = new RawJson('"x"'.padEnd(maxBytes / 2));
    let read = 0;
    const data = Array.from({ length: 100 }, () => ({
      get payload() {
        read += 1;
        return payload;
      },
    }));
    expect(answer({ data: { data } })).toMatchObject(tooLong);
    expect(read).toBeLessThan(4);
    expect(counts.refused).toBe(1);
  });

  it('says of a refusal that there are no data', () => {
    const error = limitExceeded('enough');
    expect(refusal(error)).toEqual({
      text: '{"errors":[{"message":"enough","extensions":{"code":"LIMIT_EXCEEDED"}}]}',
      errors: [error],
      hasData: false,
    });
  });
});
