import type { DeviceMessage } from '../kernel/device-message.ts';

/**
 * The numbered messages that are still kept, in this process. Every member but `open`
 * is synchronous. It knows what was opened, and everything that was numbered since.
 *
 * The kept messages of a device MUST be its newest messages, without a hole.
 */
export interface History {
  /**
   * Fetches what is known about these devices. Until it has resolved, the other members
   * may know less about them. Returns undefined when nothing has to be fetched: the
   * caller continues synchronously. MUST be called before a device is watched, and
   * before anything else is asked about it on behalf of a client.
   */
  open(deviceIds: readonly string[]): Promise<void> | undefined;
  /**
   * The epoch of a device's messages. For an unknown device, the epoch that it would
   * get now. A position of another epoch says nothing about these messages.
   */
  epochOf(deviceId: string): string;
  /** The number of the last message of a device; 0 when it has sent none. */
  lastSequence(deviceId: string): number;
  /**
   * The number of the oldest kept message of a device. When none is kept, the number of
   * its last message plus one.
   */
  oldestKept(deviceId: string): number;
  /** Up to `limit` kept messages of a device after this number, the oldest first. */
  readAfter(deviceId: string, sequence: number, limit: number): readonly DeviceMessage[];
  /** The number of the newest interruption of the source; 0 when there was none. */
  readonly interruption: number;
  /**
   * The number of the newest interruption, up to this message, that may have lost
   * messages of its device. For the number after the last message: up to now. For a
   * message that is not kept: lower than that of the next kept message when an
   * interruption lies between the two.
   */
  interruptionAt(deviceId: string, sequence: number): number;
}

/** Calls `read` once these devices are open: synchronously when they are already. */
export function whenOpen<Result>(
  history: Pick<History, 'open'>,
  deviceIds: readonly string[],
  read: () => Result,
): Result | Promise<Result> {
  const opening = history.open(deviceIds);
  return opening === undefined ? read() : opening.then(read);
}
