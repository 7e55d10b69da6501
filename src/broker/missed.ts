import type { DeviceMessage, Gap, GapReason } from '../device-message.ts';

/**
 * What one subscription has missed and not yet been told: the exact count of
 * each device. It holds entries for devices with a loss only, and a
 * subscription without losses has no such object at all.
 */
export class Missed {
  readonly #pending = new Map<string, { missed: number; reason: GapReason }>();

  get empty(): boolean {
    return this.#pending.size === 0;
  }

  add(message: DeviceMessage, reason: GapReason, count = 1): void {
    const pending = this.#pending.get(message.deviceId);
    if (pending === undefined) this.#pending.set(message.deviceId, { missed: count, reason });
    else {
      pending.missed += count;
      // A loss says more than a conflation: a gap made of both is told as the loss.
      if (reason !== 'CONFLATED') pending.reason = reason;
    }
  }

  /** The gap directly before this message, which is thereby told. */
  take(message: DeviceMessage): Gap | null {
    const pending = this.#pending.get(message.deviceId);
    if (pending === undefined) return null;
    this.#pending.delete(message.deviceId);
    return pending;
  }
}
