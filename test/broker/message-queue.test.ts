import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageQueue } from '../../src/broker/message-queue.ts';
import type { DeviceMessage } from '../../src/kernel/device-message.ts';
import { createMessages } from '../support/messages.ts';

describe('MessageQueue', () => {
  it('gives what it took, first in first out, over growth and round the ring', () => {
    const steps = fc.array(
      fc.oneof({ weight: 3, arbitrary: fc.constant('push') }, fc.constant('shift')),
      {
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), steps, (capacity, taken) => {
        const next = createMessages();
        const queue = new MessageQueue(capacity);
        const model: DeviceMessage[] = [];
        for (const step of taken) {
          if (step === 'shift') {
            expect(queue.shift()).toBe(model.shift());
          } else if (!queue.full) {
            const message = next('a');
            queue.push(message);
            model.push(message);
          }
          expect(queue.length).toBe(model.length);
          expect(queue.full).toBe(model.length === capacity);
        }
        while (model.length > 0) expect(queue.shift()).toBe(model.shift());
        expect(queue.shift()).toBeUndefined();
      }),
    );
  });

  it('grows when the ring has wrapped', () => {
    const next = createMessages();
    const queue = new MessageQueue(100);
    for (let i = 0; i < 8; i += 1) queue.push(next('a'));
    for (let i = 0; i < 5; i += 1) queue.shift();
    for (let i = 0; i < 97; i += 1) queue.push(next('a'));
    expect(queue.full).toBe(true);
    const sequences = Array.from({ length: 100 }, () => queue.shift()!.sequence);
    expect(sequences).toEqual(Array.from({ length: 100 }, (_, i) => i + 6));
  });

  it('is empty and not full at first', () => {
    const queue = new MessageQueue(1);
    expect(queue).toMatchObject({ length: 0, full: false, capacity: 1 });
    expect(queue.shift()).toBeUndefined();
  });
});
