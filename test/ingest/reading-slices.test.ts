import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createReadingSlices } from '../../src/ingest/reading-slices.ts';

/** Reads messages that take 10 ms each, and tells how many were read by now. */
function read(count: number, sliceMs: number): { readonly done: () => number } {
  let clock = 0;
  let done = 0;
  const goOn = createReadingSlices(sliceMs, () => clock);
  const next = (): void => {
    if (done === count) return;
    clock += 10;
    done += 1;
    goOn(next);
  };
  next();
  return { done: () => done };
}

describe('reading in slices', () => {
  it('has no break as long as a slice lasts', () => {
    expect(read(5, 50).done()).toBe(5);
  });

  it('goes on in the next turn of the event loop, as far as the next slice goes', async () => {
    const reading = read(12, 40);
    expect(reading.done()).toBe(5);
    await setImmediate();
    expect(reading.done()).toBe(10);
    await setImmediate();
    expect(reading.done()).toBe(12);
  });

  it('begins a new slice in each turn', async () => {
    let clock = 0;
    const goOn = createReadingSlices(40, () => clock);
    for (let turn = 0; turn < 3; turn += 1) {
      let wentOn = false;
      goOn(() => {
        wentOn = true;
      });
      expect(wentOn).toBe(true);
      clock += 1_000;
      await setImmediate();
    }
  });
});
