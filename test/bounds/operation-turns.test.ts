import { describe, expect, it } from 'vitest';
import type { Holder } from '../../src/bounds/holder.ts';
import { createOperationTurns, type OperationTurns } from '../../src/bounds/operation-turns.ts';
import { createHolder } from '../support/holder.ts';
import { endOfTurn } from '../support/turn.ts';

const sliceMs = 20;
/** More than a connection may use and still go before others. */
const muchMs = 50;

/** Turns on a clock that only the work advances. */
function open(): {
  turns: OperationTurns;
  /** An operation that works for so long, and is noted by its name. */
  work: (holder: Holder, ms: number, name?: string) => number | Promise<number>;
  /** Takes all the time of this turn. */
  fill: () => void;
  /** Lets so many turns of the event loop pass; what has worked in each of them. */
  pass: (count: number) => Promise<string[]>;
} {
  let at = 0;
  let worked: string[] = [];
  const turns = createOperationTurns({ sliceMs, now: () => at });
  return {
    turns,
    work: (holder, ms, name = holder.caller.who) =>
      turns.run(holder, () => {
        worked.push(name);
        at += ms;
        return ms;
      }),
    fill: () => void turns.run(createHolder(), () => (at += sliceMs)),
    async pass(count) {
      const passed: string[] = [];
      for (let n = 0; n < count; n += 1) {
        worked = [];
        await endOfTurn();
        passed.push(worked.join(' '));
      }
      return passed;
    },
  };
}

describe('operation turns', () => {
  it('do the work at once while this turn has time', () => {
    const { turns, work } = open();
    expect([work(createHolder(), 5), work(createHolder(), 6)]).toEqual([5, 6]);
    expect(turns.waiting).toBe(0);
  });

  it('let what comes after the time of a turn wait for the next one', async () => {
    const { turns, work, pass } = open();
    expect(work(createHolder('a'), sliceMs)).toBe(sliceMs);
    const later = work(createHolder('b'), 7);
    expect(turns.waiting).toBe(1);
    expect(await pass(1)).toEqual(['b']);
    expect(await later).toBe(7);
    expect(turns.waiting).toBe(0);
  });

  it('begin as many operations in a turn as there is time for', async () => {
    const { work, fill, pass } = open();
    fill();
    for (const who of 'abcdefghi') void work(createHolder(who), sliceMs / 4);
    expect(await pass(4)).toEqual(['a b c d', 'e f g h', 'i', '']);
  });

  it('keep the order of the operations of one connection, and take turns between connections', async () => {
    const { work, fill, pass } = open();
    const [a, b] = [createHolder('a'), createHolder('b')];
    fill();
    for (const name of ['a1', 'a2', 'a3']) void work(a, 1, name);
    for (const name of ['b1', 'b2']) void work(b, 1, name);
    expect(await pass(1)).toEqual(['a1 b1 a2 b2 a3']);
  });

  it('let connections that have used little go before one that has used much', async () => {
    const { work, pass } = open();
    const heavy = createHolder('heavy');
    void work(heavy, muchMs);
    void work(heavy, 1);
    for (const who of ['a', 'b']) void work(createHolder(who), 1);
    expect(await pass(1)).toEqual(['a b heavy']);
  });

  it('forget what a connection has used at a tenth of the time that passes', async () => {
    const { work, fill, pass } = open();
    const [heavy, other] = [createHolder('heavy'), createHolder('other')];
    void work(heavy, muchMs);
    await pass(1);
    void work(createHolder('idle'), 10 * muchMs);
    await pass(1);
    fill();
    void work(heavy, 1);
    void work(other, 1);
    expect(await pass(1)).toEqual(['heavy other']);
  });

  it('leave a connection that has used much every other turn, however many others there are', async () => {
    const { work, pass } = open();
    const heavy = createHolder('heavy');
    void work(heavy, muchMs);
    void work(heavy, 1);
    for (let n = 0; n < 3; n += 1) void work(createHolder('light'), sliceMs);
    expect(await pass(3)).toEqual(['light', 'heavy light', 'light']);
  });

  it('leave the others every other turn, however much those that have used much ask for', async () => {
    const { work, pass } = open();
    for (let n = 0; n < 2; n += 1) {
      const heavy = createHolder('heavy');
      void work(heavy, muchMs);
      for (let more = 0; more < 3; more += 1) void work(heavy, muchMs);
    }
    for (let n = 0; n < 8; n += 1) void work(createHolder('light'), sliceMs / 4);
    const passed = await pass(6);
    expect(passed.filter((turn) => turn.startsWith('light light light light'))).toHaveLength(2);
  });

  it('run the promise jobs of an operation before they begin the next one', async () => {
    const { turns, fill, pass } = open();
    const holder = createHolder();
    const seen: string[] = [];
    fill();
    const follow = async (): Promise<void> => {
      for (let n = 0; n < 50; n += 1) await Promise.resolve();
      seen.push('followed');
    };
    void turns.run(holder, () => void follow());
    void turns.run(holder, () => seen.push('next'));
    await pass(1);
    expect(seen).toEqual(['followed', 'next']);
  });

  it('reject with what the work throws, or rejects with, and go on', async () => {
    const { turns, fill, work, pass } = open();
    const holder = createHolder('a');
    const fail = (): never => {
      throw new Error('it fails');
    };
    expect(() => turns.run(holder, fail)).toThrow('it fails');
    fill();
    const thrown = Promise.resolve(turns.run(holder, fail));
    const rejected = Promise.resolve(
      turns.run(holder, () => Promise.reject(new Error('it fails later'))),
    );
    void work(holder, 1);
    await Promise.all([
      expect(thrown).rejects.toThrow('it fails'),
      expect(rejected).rejects.toThrow('it fails later'),
      pass(1).then((passed) => expect(passed).toEqual(['a'])),
    ]);
    expect(turns.waiting).toBe(0);
  });
});
