import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Joiner, type Framing } from '../../src/delivery/joiner.ts';
import { FlushQueue } from '../../src/delivery/flush-queue.ts';
import { Outbox, type OutboxTarget } from '../../src/delivery/outbox.ts';
import { webSocketFraming } from '../../src/delivery/websocket-framing.ts';
import { endOfTurn } from '../support/turn.ts';
import { FrameReader, Opcode } from '../support/websocket-frames.ts';

const room = 64 * 1024;

/** A socket. What the kernel takes is copied, and what it does not take is kept as it was handed over. */
class Target implements OutboxTarget {
  /** Whether the kernel takes what is written. */
  flowing: boolean;
  readonly writes: Buffer[] = [];
  #waiting: { readonly index: number; readonly bytes: Buffer }[] = [];

  constructor(flowing = true) {
    this.flowing = flowing;
  }

  get waiting(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  write(bytes: Buffer): void {
    const index = this.writes.push(Buffer.alloc(0)) - 1;
    this.#waiting.push({ index, bytes });
    if (this.flowing) this.take();
  }

  failed(error: unknown): void {
    throw error;
  }

  /** The kernel takes all that waits: only now are these bytes looked at. */
  take(): void {
    for (const { index, bytes } of this.#waiting) this.writes[index] = Buffer.from(bytes);
    this.#waiting = [];
  }

  /** The contents of the frames in all writes. */
  get texts(): string[] {
    const texts: string[] = [];
    const reader = new FrameReader(({ opcode, content }) => {
      expect(opcode).toBe(Opcode.text);
      texts.push(content.toString());
    });
    for (const bytes of this.writes) reader.write(bytes);
    return texts;
  }
}

function open(
  target = new Target(),
  framing: Framing = webSocketFraming,
): {
  target: Target;
  outbox: Outbox;
} {
  return { target, outbox: new Outbox(target, framing, new FlushQueue(new Joiner())) };
}

const none = Buffer.alloc(0);
const bytesOf = (text: string): Buffer => Buffer.from(text);

/** A frame that takes exactly so many bytes on the wire, from 65,546 on. */
function bodyOfFrame(bytesOnWire: number): Buffer {
  return Buffer.alloc(bytesOnWire - 10, 'x');
}

describe('an outbox', () => {
  it('writes what is due in one write at the end of the turn', async () => {
    const { target, outbox } = open();
    outbox.push(bytesOf('head:'), bytesOf('one'));
    outbox.push(bytesOf('head:'), bytesOf('two'));
    await Promise.resolve();
    expect(target.writes).toEqual([]);
    await endOfTurn();
    expect(target.writes).toHaveLength(1);
    expect(target.texts).toEqual(['head:one', 'head:two']);
  });

  it('writes in each turn what is due in it', async () => {
    const { target, outbox } = open();
    for (const text of ['one', 'two', 'three']) {
      outbox.push(none, bytesOf(text));
      await endOfTurn();
    }
    expect(target.writes).toHaveLength(3);
    expect(target.texts).toEqual(['one', 'two', 'three']);
  });

  it('writes nothing in a turn in which nothing is due', async () => {
    const { target, outbox } = open();
    outbox.flush();
    await endOfTurn();
    outbox.push(none, bytesOf('one'));
    await endOfTurn();
    outbox.flush();
    await endOfTurn();
    expect(target.writes).toHaveLength(1);
  });

  it('writes at once what has come to 64 KiB, in the middle of the turn', () => {
    const { target, outbox } = open();
    const frame = 4 + 1_020;
    for (let i = 0; i < 63; i += 1) outbox.push(bytesOf('0123456789'), Buffer.alloc(1_010, 'x'));
    expect(target.writes).toEqual([]);
    outbox.push(bytesOf('0123456789'), Buffer.alloc(1_010, 'x'));
    expect(target.writes.map(({ length }) => length)).toEqual([64 * frame]);
    expect(64 * frame).toBe(room);
  });

  it('does not write at once what is one byte short of it', async () => {
    const { target, outbox } = open();
    outbox.push(none, Buffer.alloc(room - 4 - 1, 'x'));
    expect(target.writes).toEqual([]);
    await endOfTurn();
    expect(target.writes.map(({ length }) => length)).toEqual([room - 1]);
  });

  it('writes a burst within one turn in portions of 64 KiB, and the rest at its end', async () => {
    const { target, outbox } = open();
    const texts = Array.from({ length: 3_000 }, (_, i) => `message ${i} `.padEnd(100, '.'));
    for (const text of texts) outbox.push(none, bytesOf(text));
    const portions = target.writes.length;
    expect(portions).toBe(Math.floor((3_000 * 102) / (room + 101)));
    expect(outbox.writable).toBe(true);
    await endOfTurn();
    expect(target.writes).toHaveLength(portions + 1);
    for (const { length } of target.writes.slice(0, -1)) {
      expect(length).toBeGreaterThanOrEqual(room);
      expect(length).toBeLessThan(room + 102);
    }
    expect(target.texts).toEqual(texts);
  });

  it('is not writable while 64 KiB wait in the target, until that has drained', () => {
    const { target, outbox } = open(new Target(false));
    expect(outbox.writable).toBe(true);
    outbox.push(none, Buffer.alloc(room - 4, 'x'));
    expect(outbox.writable).toBe(false);
    target.take();
    expect(outbox.writable).toBe(false);
    outbox.drained();
    expect(outbox.writable).toBe(true);
  });

  it('is writable while one byte less waits in the target', async () => {
    const { target, outbox } = open(new Target(false));
    outbox.push(none, Buffer.alloc(room - 4 - 1, 'x'));
    await endOfTurn();
    expect(target.waiting).toBe(room - 1);
    expect(outbox.writable).toBe(true);
  });

  it('counts what has waited since earlier turns', async () => {
    const { outbox } = open(new Target(false));
    const half = Buffer.alloc(room / 2, 'x');
    outbox.push(none, half);
    await endOfTurn();
    expect(outbox.writable).toBe(true);
    outbox.push(none, half);
    await endOfTurn();
    expect(outbox.writable).toBe(false);
  });

  it('is writable for a target that takes everything, however much is written', async () => {
    const { outbox } = open();
    for (let i = 0; i < 100; i += 1) outbox.push(none, bodyOfFrame(room + 10));
    expect(outbox.writable).toBe(true);
    await endOfTurn();
    expect(outbox.writable).toBe(true);
  });

  it('writes what is due when it is flushed, before anything that is written past it', async () => {
    const { target, outbox } = open();
    outbox.push(none, bytesOf('one'));
    outbox.push(none, bytesOf('two'));
    outbox.flush();
    target.write(Buffer.from([0x81, 4, ...bytesOf('past')]));
    outbox.push(none, bytesOf('three'));
    await endOfTurn();
    expect(target.writes).toHaveLength(3);
    expect(target.texts).toEqual(['one', 'two', 'past', 'three']);
  });

  it('takes frames while it is not writable, too: those have been decided on before', async () => {
    const { target, outbox } = open(new Target(false));
    outbox.push(none, bodyOfFrame(room + 10));
    outbox.push(none, bytesOf('one more'));
    await endOfTurn();
    target.take();
    expect(target.texts).toHaveLength(2);
    expect(target.texts[1]).toBe('one more');
  });
});

describe('WebSocket frames', () => {
  it.each([0, 1, 124, 125, 126, 127, 128, 255, 256, 65_534, 65_535, 65_536, 65_537, 200_000])(
    'of %i bytes have the shortest header there is, and are read as they were written',
    (length) => {
      const { target, outbox } = open();
      const text = 'é'.repeat(length / 2) + 'x'.repeat(length % 2);
      const bytes = bytesOf(text);
      // The head may be all of it, none of it or a part.
      for (const cut of [0, Math.floor(length / 3), length]) {
        outbox.push(bytes.subarray(0, cut), bytes.subarray(cut));
      }
      outbox.flush();
      expect(target.texts).toEqual([text, text, text]);
      const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
      expect(target.writes.reduce((sum, write) => sum + write.length, 0)).toBe(
        3 * (header + length),
      );
      // FIN, no reserved bit, text; not masked.
      expect(target.writes[0]![0]).toBe(0x81);
      expect(target.writes[0]![1]! & 0x80).toBe(0);
    },
  );

  it('are read as they were written, whatever their lengths', () => {
    const lengths = fc.array(
      fc.oneof(
        fc.nat(300),
        fc.integer({ min: 65_530, max: 65_540 }),
        fc.constantFrom(0, 125, 126, 127),
      ),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(lengths, fc.nat(200), (bodies, head) => {
        const { target, outbox } = open();
        const texts = bodies.map((length, i) => String.fromCodePoint(97 + i).repeat(length));
        for (const text of texts) outbox.push(Buffer.alloc(head, '#'), bytesOf(text));
        outbox.flush();
        expect(target.texts).toEqual(texts.map((text) => '#'.repeat(head) + text));
      }),
      { numRuns: 200 },
    );
  });
});

/** Events follow each other without anything between them. */
const bare: Framing = { overhead: () => 0, writeHeader: (_target, offset) => offset };

describe('outboxes of one turn', () => {
  it('each get what was pushed to them, in one write each', async () => {
    const flushQueue = new FlushQueue(new Joiner());
    const targets = [new Target(), new Target(), new Target()];
    const outboxes = targets.map((target) => new Outbox(target, webSocketFraming, flushQueue));
    const bodies = ['a', 'bb', 'ccc'].map(bytesOf);
    for (const body of bodies) {
      for (const [i, outbox] of outboxes.entries()) outbox.push(bytesOf(`to ${i}: `), body);
    }
    await endOfTurn();
    for (const [i, target] of targets.entries()) {
      expect(target.writes).toHaveLength(1);
      expect(target.texts).toEqual([`to ${i}: a`, `to ${i}: bb`, `to ${i}: ccc`]);
    }
  });

  it('do not write over what a socket has not taken yet', async () => {
    const flushQueue = new FlushQueue(new Joiner());
    const targets = [new Target(false), new Target(false), new Target(true)];
    const outboxes = targets.map((target) => new Outbox(target, webSocketFraming, flushQueue));
    const body = bytesOf('body');
    for (let i = 0; i < 2; i += 1) {
      for (const [to, outbox] of outboxes.entries()) outbox.push(bytesOf(`${i} to ${to}: `), body);
      await endOfTurn();
    }
    for (const [to, target] of targets.entries()) {
      target.take();
      expect(target.texts).toEqual([`0 to ${to}: body`, `1 to ${to}: body`]);
    }
  });

  it('are all written when the target of one throws, which is told and gets no more', async () => {
    const flushQueue = new FlushQueue(new Joiner());
    const targets = [new Target(), new Target(), new Target()];
    const outboxes = targets.map((target) => new Outbox(target, webSocketFraming, flushQueue));
    const broken = targets[1]!;
    const failure = new Error('the socket is broken');
    const failures: unknown[] = [];
    broken.failed = (error) => failures.push(error);
    broken.write = () => {
      throw failure;
    };
    for (const outbox of outboxes) outbox.push(none, bytesOf('one'));
    await endOfTurn();
    expect(failures).toEqual([failure]);
    expect(outboxes.map(({ writable }) => writable)).toEqual([true, false, true]);
    outboxes[1]!.flush();
    for (const outbox of outboxes) if (outbox.writable) outbox.push(none, bytesOf('two'));
    await endOfTurn();
    expect(targets.map(({ texts }) => texts)).toEqual([['one', 'two'], [], ['one', 'two']]);
    expect(failures).toHaveLength(1);
  });

  it('do not throw at dispatch when a target throws in the middle of the turn', () => {
    const { target, outbox } = open();
    const failures: unknown[] = [];
    target.failed = (error) => failures.push(error);
    target.write = () => {
      throw new Error('the socket is broken');
    };
    outbox.push(none, Buffer.alloc(room, 'x'));
    expect(failures).toEqual([new Error('the socket is broken')]);
    expect(outbox.writable).toBe(false);
  });

  it('take frames again that are pushed while the turn ends', async () => {
    const flushQueue = new FlushQueue(new Joiner());
    const other = new Target();
    const otherOutbox = new Outbox(other, webSocketFraming, flushQueue);
    const target = new Target();
    const outbox = new Outbox(target, webSocketFraming, flushQueue);
    const write = target.write.bind(target);
    target.write = (bytes) => {
      write(bytes);
      if (target.writes.length === 1) otherOutbox.push(none, bytesOf('late'));
    };
    outbox.push(none, bytesOf('early'));
    await endOfTurn();
    await endOfTurn();
    expect(target.texts).toEqual(['early']);
    expect(other.texts).toEqual(['late']);
  });

  it('never mix up bytes, whatever is pushed to whom and whichever socket stalls', async () => {
    const sockets = 4;
    // Few bodies and heads, so that one block is often like the one before it but for its heads.
    const bodies = ['', 'a', 'bb', 'cc', 'x'.repeat(126), 'y'.repeat(30_000), 'z'.repeat(140_000)];
    const heads = ['1:', '2:', '3:', '44:', ''];
    const anyStep = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('push' as const),
          to: fc.nat(sockets - 1),
          head: fc.nat(heads.length - 1),
          body: fc.nat(bodies.length - 1),
        }),
      },
      // To all, as dispatch does: here what one socket gets differs in the heads alone.
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('fan out' as const),
          heads: fc.tuple(...Array.from({ length: sockets }, () => fc.nat(heads.length - 1))),
          body: fc.nat(bodies.length - 2),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom('flush' as const, 'stall' as const, 'flow' as const),
          to: fc.nat(sockets - 1),
        }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('end of turn' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 40 }), async (steps) => {
        const bodyBytes = bodies.map(bytesOf);
        const headBytes = heads.map(bytesOf);
        const flushQueue = new FlushQueue(new Joiner());
        const targets = Array.from({ length: sockets }, () => new Target());
        const framings = [webSocketFraming, webSocketFraming, webSocketFraming, bare];
        const outboxes = targets.map((target, i) => new Outbox(target, framings[i]!, flushQueue));
        const expected: string[][] = targets.map(() => []);
        const push = (to: number, head: number, body: number): void => {
          outboxes[to]!.push(headBytes[head]!, bodyBytes[body]!);
          expected[to]!.push(heads[head]! + bodies[body]!);
        };
        for (const step of steps) {
          if (step.kind === 'push') push(step.to, step.head, step.body);
          else if (step.kind === 'fan out') {
            for (const [to, head] of step.heads.entries()) push(to, head, step.body);
          } else if (step.kind === 'end of turn') await endOfTurn();
          else if (step.kind === 'flush') outboxes[step.to]!.flush();
          else if (step.kind === 'stall') targets[step.to]!.flowing = false;
          else {
            targets[step.to]!.flowing = true;
            targets[step.to]!.take();
          }
        }
        await endOfTurn();
        for (const [to, target] of targets.entries()) {
          target.take();
          if (framings[to] === webSocketFraming) expect(target.texts).toEqual(expected[to]);
          else expect(Buffer.concat(target.writes).toString()).toBe(expected[to]!.join(''));
        }
      }),
      { numRuns: 300 },
    );
  });
});
