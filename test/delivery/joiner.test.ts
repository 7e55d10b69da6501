import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Joiner, type Framing } from '../../src/delivery/joiner.ts';
import { webSocketFraming } from '../../src/delivery/websocket-framing.ts';
import { FrameReader, Opcode } from '../support/websocket-frames.ts';

/** Events follow each other without anything between them. */
const bare: Framing = { overhead: () => 0, writeHeader: (_target, offset) => offset };

interface Block {
  readonly framing: Framing;
  readonly heads: readonly Buffer[];
  readonly bodies: readonly Buffer[];
}

function join(joiner: Joiner, { framing, heads, bodies }: Block): Buffer {
  let bytes = 0;
  for (const [i, head] of heads.entries()) {
    const length = head.length + bodies[i]!.length;
    bytes += length + framing.overhead(length);
  }
  return joiner.join(framing, heads, bodies, bytes);
}

/** What these bytes are to their reader. */
function read(framing: Framing, bytes: Buffer): string {
  if (framing === bare) return bytes.toString('latin1');
  const texts: string[] = [];
  let size = 0;
  const reader = new FrameReader(({ opcode, content }) => {
    expect(opcode).toBe(Opcode.text);
    texts.push(content.toString('latin1'));
    size += content.length + framing.overhead(content.length);
  });
  reader.write(bytes);
  // Nothing behind the last frame.
  expect(size).toBe(bytes.length);
  return texts.join('|');
}

function expected({ framing, heads, bodies }: Block): string {
  return heads
    .map((head, i) => head.toString('latin1') + bodies[i]!.toString('latin1'))
    .join(framing === bare ? '' : '|');
}

/** Contents of these lengths, each of bytes of its own. */
function contents(lengths: readonly number[]): Buffer[] {
  return lengths.map((length, i) => Buffer.alloc(length, 65 + i));
}

describe('a joiner', () => {
  it('changes only the heads of a block that is otherwise the one before it', () => {
    const joiner = new Joiner();
    const bodies = contents([10, 200, 70_000]);
    for (const name of ['one', 'two', 'six']) {
      const heads = bodies.map((_, i) => Buffer.from(`${name}${i}`));
      const block = { framing: webSocketFraming, heads, bodies };
      expect(read(webSocketFraming, join(joiner, block))).toBe(expected(block));
    }
  });

  it('lays a block out anew for a head of another length', () => {
    const joiner = new Joiner();
    const bodies = contents([10, 120]);
    for (const head of ['1', '22', '22222222', '1', '']) {
      const heads = [Buffer.from(head), Buffer.from(head)];
      const block = { framing: webSocketFraming, heads, bodies };
      expect(read(webSocketFraming, join(joiner, block))).toBe(expected(block));
    }
  });

  it('takes no body for another of the same length', () => {
    const joiner = new Joiner();
    const heads = [Buffer.from('head')];
    for (const text of ['one', 'two']) {
      const block = { framing: webSocketFraming, heads, bodies: [Buffer.from(text)] };
      expect(read(webSocketFraming, join(joiner, block))).toBe(`head${text}`);
    }
  });

  it('takes no framing for another', () => {
    const joiner = new Joiner();
    const [heads, bodies] = [contents([3]), contents([5])];
    for (const framing of [webSocketFraming, bare, webSocketFraming]) {
      const block = { framing, heads, bodies };
      expect(read(framing, join(joiner, block))).toBe(expected(block));
    }
  });

  it('leaves out what the longer block before had at its end', () => {
    const joiner = new Joiner();
    const long = { framing: bare, heads: contents([1, 1, 1]), bodies: contents([9, 9, 9]) };
    const short = {
      framing: bare,
      heads: long.heads.slice(0, 2),
      bodies: long.bodies.slice(0, 2),
    };
    for (const block of [long, short, long]) {
      expect(join(joiner, block).toString()).toBe(expected(block));
    }
  });

  it('joins more than its buffer holds, and less again after it', () => {
    const joiner = new Joiner();
    for (const length of [10, 300_000, 10, 131_072, 131_073, 10]) {
      const block = { framing: bare, heads: contents([4]), bodies: contents([length]) };
      expect(join(joiner, block).equals(Buffer.from(expected(block)))).toBe(true);
    }
  });

  it('does not write over a block that was given away', () => {
    const joiner = new Joiner();
    const bodies = contents([100]);
    const block = (name: string): Block => ({
      framing: webSocketFraming,
      heads: [Buffer.from(name)],
      bodies,
    });
    const given = join(joiner, block('one'));
    joiner.giveAway();
    join(joiner, block('two'));
    expect(read(webSocketFraming, given)).toBe(expected(block('one')));
  });

  it('gives everybody their own bytes, and what is given away keeps them', () => {
    // Few of each, so that most blocks have something in common with the one before.
    const lengths = [0, 1, 121, 122, 123, 65_531, 65_532, 140_000];
    const bodyPool = contents(lengths);
    const headPool = [...contents([4, 4, 4, 1, 0]), Buffer.from('1234'), Buffer.from('5678')];
    const anyBlock = fc.record({
      framing: fc.constantFrom(webSocketFraming, webSocketFraming, bare),
      frames: fc.array(fc.tuple(fc.nat(headPool.length - 1), fc.nat(bodyPool.length - 1)), {
        minLength: 1,
        maxLength: 4,
      }),
      kept: fc.boolean(),
      /** So many others get the same bodies behind other heads. */
      others: fc.array(fc.record({ shift: fc.nat(headPool.length - 1), kept: fc.boolean() }), {
        maxLength: 4,
      }),
    });
    fc.assert(
      fc.property(fc.array(anyBlock, { minLength: 1, maxLength: 6 }), (fanOuts) => {
        const joiner = new Joiner();
        const given: { readonly block: Block; readonly bytes: Buffer }[] = [];
        for (const { framing, frames, kept, others } of fanOuts) {
          const bodies = frames.map(([, body]) => bodyPool[body]!);
          for (const receiver of [{ shift: 0, kept }, ...others]) {
            const heads = frames.map(
              ([head]) => headPool[(head + receiver.shift) % headPool.length]!,
            );
            const block = { framing, heads, bodies };
            const bytes = join(joiner, block);
            expect(read(framing, bytes) === expected(block)).toBe(true);
            if (receiver.kept) {
              joiner.giveAway();
              given.push({ block, bytes });
            }
          }
        }
        for (const { block, bytes } of given) {
          expect(read(block.framing, bytes) === expected(block)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });
});
