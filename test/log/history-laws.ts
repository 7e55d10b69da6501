import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Log } from '../../src/log/log.ts';
import { arrivalOf } from '../support/arrival.ts';

/** What the laws ask of one that is new. */
export interface HistoryCase {
  /** Keeps so many messages of a device at most. */
  readonly open: (historySize: number) => Log;
}

/** What every history holds to, wherever its messages are kept. */
export function behavesAsHistory(name: string, { open }: HistoryCase): void {
  /** With so many messages of device a, opened. */
  async function opened(historySize: number, messages: number): Promise<Log> {
    const log = open(historySize);
    for (let i = 0; i < messages; i += 1) log.append(arrivalOf('a'));
    await log.open(['a', 'unheard']);
    return log;
  }

  const kept = (log: Log, behind = 0, limit = 1_000): number[] =>
    log.readAfter('a', behind, limit).map(({ sequence }) => sequence);

  describe(`${name} as a history`, () => {
    it('keeps the newest messages of a device, without a hole', async () => {
      const sizes = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.nat(20));
      await fc.assert(
        fc.asyncProperty(sizes, async ([historySize, messages]) => {
          const log = await opened(historySize, messages);
          const oldest = log.oldestKept('a');
          expect(log.lastSequence('a')).toBe(messages);
          expect(messages - oldest + 1).toBeLessThanOrEqual(historySize);
          const expected = Array.from({ length: messages - oldest + 1 }, (_, i) => oldest + i);
          expect(kept(log)).toEqual(expected);
        }),
      );
    });

    it('reads what is behind a number, a part at a time, the oldest first', async () => {
      const log = await opened(100, 10);
      expect(kept(log, 7)).toEqual([8, 9, 10]);
      expect(kept(log, 4, 2)).toEqual([5, 6]);
      expect(kept(log, 10)).toEqual([]);
      expect(kept(log, 11)).toEqual([]);
    });

    it('knows nothing of a device that was never heard, and says so', async () => {
      const log = await opened(4, 0);
      expect(log.lastSequence('unheard')).toBe(0);
      expect(log.oldestKept('unheard')).toBe(1);
      expect(log.readAfter('unheard', 0, 10)).toEqual([]);
    });

    it('knows of what was numbered since it was opened, without being opened again', async () => {
      const log = await opened(4, 2);
      log.append(arrivalOf('a'));
      log.append(arrivalOf('unheard'));
      expect(kept(log)).toEqual([1, 2, 3]);
      expect(log.lastSequence('unheard')).toBe(1);
    });

    it('tells the newest interruption up to a message, and up to now behind the last one', async () => {
      const log = await opened(10, 1);
      log.interrupt('all');
      expect(log.interruptionAt('a', 1)).toBe(0);
      expect(log.interruptionAt('a', 2)).toBe(1);
      log.append(arrivalOf('a'));
      log.append(arrivalOf('a'));
      expect(log.interruptionAt('a', 1)).toBe(0);
      expect(log.interruptionAt('a', 2)).toBe(1);
      expect(log.interruptionAt('a', 3)).toBe(1);
    });
  });
}
