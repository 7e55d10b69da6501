import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutboxTarget } from '../../src/delivery/outbox.ts';
import { endOfTurn } from '../support/turn.ts';

/** A connection over the loopback interface, with the target under test at one end of it. */
export interface OpenTarget extends AsyncDisposable {
  readonly target: OutboxTarget;
  /** What the target writes to; what else is sent is written to it directly. */
  readonly stream: Writable;
  /** The other end, which gives what was written, without the framing of its protocol. */
  readonly reader: Readable;
}

/** So much that the kernel takes a part of it alone while nobody reads. */
const stallingBytes = 16 * 1024 * 1024;
const longestBytes = 256 * 1024;

/** What holds for every target of an outbox. */
export function behavesAsOutboxTarget(name: string, open: () => Promise<OpenTarget>): void {
  describe(name, () => {
    it('does not refer to a block when nothing waits after its write', () => keepsNoBlock(open));

    it('has nothing waiting after a write that the kernel has taken whole', async () => {
      await using connection = await open();
      connection.target.write(Buffer.from('block'));
      expect(connection.target.waiting).toBe(0);
    });

    it('has the whole of a block waiting of which the kernel has taken a part', async () => {
      await using connection = await open();
      const { target, stream, reader } = connection;
      stall(connection);
      expect(target.waiting).toBeGreaterThanOrEqual(stallingBytes);
      reader.resume();
      await once(stream, 'drain');
      expect(target.waiting).toBe(0);
    });

    it('neither throws nor writes when its connection was destroyed in the middle of a block', async () => {
      await using connection = await open();
      const { target, stream, reader } = connection;
      stall(connection);
      stream.destroy();
      target.write(Buffer.from('in the same turn'));
      await closed(stream);
      target.write(Buffer.from('later'));
      reader.resume();
      await closed(reader);
    });

    it('neither throws nor writes when its client was lost in the middle of a block', async () => {
      await using connection = await open();
      const { target, stream, reader } = connection;
      stall(connection);
      reader.destroy();
      await closed(stream);
      target.write(Buffer.from('later'));
    });

    it('writes nothing behind the end', async () => {
      await using connection = await open();
      const { target, stream, reader } = connection;
      const arrived = arrivals(reader);
      const errors: unknown[] = [];
      stream.on('error', (error) => errors.push(error));
      target.write(Buffer.from('before'));
      stream.end();
      target.write(Buffer.from('behind'));
      await once(reader, 'end');
      await endOfTurn();
      expect(arrived().toString()).toBe('before');
      expect(errors).toEqual([]);
    });

    it('ends its connection when it has failed, and does not throw', async () => {
      await using connection = await open();
      const { target, stream, reader } = connection;
      reader.resume();
      target.failed(new Error('broken'));
      target.failed('broken again, with something that is not an error');
      await Promise.all([closed(stream), closed(reader)]);
    });
  });
}

type Step =
  | { readonly kind: 'write' | 'send'; readonly bytes: number }
  | { readonly kind: 'pause' | 'resume' | 'turn' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom('write', 'send'),
        bytes: fc.integer({ min: 1, max: longestBytes }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'write', bytes: stallingBytes } as const) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('pause', 'resume', 'turn') }) },
  ),
  { minLength: 1, maxLength: 30 },
);

/**
 * Blocks that are written over as soon as nothing waits, as the joiner does it,
 * arrive as they were written: between what else is sent, and whether the reader
 * takes them or not.
 */
export async function keepsNoBlock(open: () => Promise<OpenTarget>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(steps, async (each) => {
      await using connection = await open();
      const { target, stream, reader } = connection;
      const arrived = arrivals(reader);
      const written: Buffer[] = [];
      const nextContent = (bytes: number): Buffer => {
        const content = Buffer.alloc(bytes, (written.length % 255) + 1);
        written.push(content);
        return content;
      };
      let shared = Buffer.alloc(stallingBytes);
      for (const step of each) {
        switch (step.kind) {
          case 'write': {
            const content = nextContent(step.bytes);
            content.copy(shared);
            target.write(shared.subarray(0, content.length));
            if (target.waiting === 0) shared.fill(0, 0, content.length);
            else shared = Buffer.alloc(stallingBytes);
            break;
          }
          case 'send':
            stream.write(nextContent(step.bytes));
            break;
          case 'pause':
            reader.pause();
            break;
          case 'resume':
            reader.resume();
            if (stream.writableNeedDrain) await once(stream, 'drain');
            break;
          case 'turn':
            await endOfTurn();
        }
      }
      reader.resume();
      stream.end();
      await once(reader, 'end');
      // Not `toEqual`, which takes seconds for so many bytes.
      expect(arrived().equals(Buffer.concat(written))).toBe(true);
    }),
    { seed: 1, numRuns: 30, endOnFailure: true },
  );
}

/** The client stops reading in the middle of a block. */
function stall({ target, reader }: OpenTarget): void {
  reader.pause();
  target.write(Buffer.alloc(stallingBytes, 'x'));
}

function arrivals(reader: Readable): () => Buffer {
  const chunks: Buffer[] = [];
  reader.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks);
}

/** Resolves once it has closed, with an error or without. */
function closed(stream: Readable | Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) resolve();
    else stream.once('close', resolve);
  });
}
