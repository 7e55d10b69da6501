import type { DeviceMessage } from '../kernel/device-message.ts';

/**
 * The newest message of each device. The queue of a `LATEST` subscription becomes this
 * when it is full. A device that sends again moves to the end, so the order of arrival
 * is kept.
 */
export class LatestQueue {
  readonly #newest = new Map<string, DeviceMessage>();

  get length(): number {
    return this.#newest.size;
  }

  /** Appends, and returns the message of the same device that it replaces. */
  push(message: DeviceMessage): DeviceMessage | undefined {
    const replaced = this.#newest.get(message.deviceId);
    if (replaced !== undefined) this.#newest.delete(message.deviceId);
    this.#newest.set(message.deviceId, message);
    return replaced;
  }

  /** Removes and returns the oldest waiting message. */
  shift(): DeviceMessage | undefined {
    for (const [deviceId, message] of this.#newest) {
      this.#newest.delete(deviceId);
      return message;
    }
    return undefined;
  }
}
