import type { DeviceMessage } from '../kernel/device-message.ts';

/**
 * What is still there of what was numbered, in this process. Every member but
 * `open` is synchronous and knows what was opened, and all that was numbered since.
 *
 * What is kept of a device MUST be its newest messages, without a hole.
 */
export interface History {
  /**
   * Fetches what there is to know of these devices. Until it has resolved, the
   * other members may know less of them. Undefined when all is there already: who
   * asks goes on at once. MUST be called before a device is watched, and before
   * anything else is asked about it on behalf of a client.
   */
  open(deviceIds: readonly string[]): Promise<void> | undefined;
  /**
   * The epoch of a device's messages; of a device that is not known, the one that
   * it would get now. A position of another epoch says nothing about them.
   */
  epochOf(deviceId: string): string;
  /** The number of the last message of a device; 0 when it has sent none. */
  lastSequence(deviceId: string): number;
  /** The number of the oldest kept message of a device; one more than that of its last when none is kept. */
  oldestKept(deviceId: string): number;
  /** Kept messages of a device behind a number, the oldest first, `limit` at most. */
  readAfter(deviceId: string, sequence: number, limit: number): readonly DeviceMessage[];
  /** The number of the newest interruption of the source; 0: there was none. */
  readonly interruption: number;
  /**
   * The number of the newest interruption, up to this message, that may have cost
   * messages of its device. For the number behind the last one: up to now. For a
   * message that is not kept: lower than that of the next kept one when an
   * interruption lies between the two.
   */
  interruptionAt(deviceId: string, sequence: number): number;
}

/** Reads once these devices are open: at once where they are. */
export function whenOpen<Result>(
  history: Pick<History, 'open'>,
  deviceIds: readonly string[],
  read: () => Result,
): Result | Promise<Result> {
  const opening = history.open(deviceIds);
  return opening === undefined ? read() : opening.then(read);
}
