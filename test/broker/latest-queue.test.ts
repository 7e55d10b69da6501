import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatestQueue } from '../../src/broker/latest-queue.ts';
import type { DeviceMessage } from '../../src/kernel/device-message.ts';
import { createMessages } from '../support/messages.ts';

describe('LatestQueue', () => {
  it('holds the newest message of each device, in the order of arrival', () => {
    const steps = fc.array(fc.constantFrom('shift', 'a', 'b', 'c', '1', '0', '__proto__'), {
      maxLength: 100,
    });
    fc.assert(
      fc.property(steps, (taken) => {
        const next = createMessages();
        const queue = new LatestQueue();
        let model: DeviceMessage[] = [];
        for (const step of taken) {
          if (step === 'shift') {
            expect(queue.shift()).toBe(model.shift());
          } else {
            const message = next(step);
            const older = model.find(({ deviceId }) => deviceId === step);
            expect(queue.push(message)).toBe(older);
            model = [...model.filter((each) => each !== older), message];
          }
          expect(queue.length).toBe(model.length);
        }
        for (const message of model) expect(queue.shift()).toBe(message);
        expect(queue.shift()).toBeUndefined();
      }),
    );
  });
});
