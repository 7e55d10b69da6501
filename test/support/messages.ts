import { createMemoryLog } from '../../src/log/memory-log.ts';
import type { Delivery } from '../../src/broker/subscription.ts';
import type { DeviceMessage } from '../../src/kernel/device-message.ts';
import type { Arrival } from '../../src/kernel/arrival.ts';
import { arrivalOf } from './arrival.ts';

/** Makes the next message of a device, numbered as the log numbers it. */
export type NextMessage = (
  deviceId: string,
  payload?: string,
  given?: Partial<Arrival>,
) => DeviceMessage;

export function createMessages(): NextMessage {
  const log = createMemoryLog({ maxDevices: 1_000, epoch: 'epoch1' });
  const receivedAt = Date.UTC(2026, 2, 2, 7, 0, 37, 979);
  return (deviceId, payload = '{}', given = {}) =>
    log.append(arrivalOf(deviceId, { payload, receivedAt, ...given }))!;
}

/** A delivery in a few words: `a4`, or `a4 after 2 QUEUE_OVERFLOW` when messages are missing before it. */
export function told({ deviceId, sequence, gap }: Delivery): string {
  const before = gap === undefined ? '' : ` after ${gap.missed} ${gap.reason}`;
  return `${deviceId}${sequence}${before}`;
}
