import type { DeviceMessage, Gap, GapReason } from '../kernel/device-message.ts';

/** For a gap with several reasons: the reason that says most about what is lost. */
const weight: Record<GapReason, number> = {
  CONFLATED: 0,
  QUEUE_OVERFLOW: 1,
  HISTORY_EXPIRED: 2,
  SOURCE_INTERRUPTED: 3,
  STREAM_RESET: 4,
};

/**
 * What one subscription has missed and its client has not been told yet: the exact
 * count for each device. It has entries only for devices with a loss, and a
 * subscription without losses has no such object.
 */
export class Missed {
  readonly #pending = new Map<string, { missed: number | null; reason: GapReason }>();

  get empty(): boolean {
    return this.#pending.size === 0;
  }

  /** Adds a loss. `count` is null when it cannot be known. */
  add(deviceId: string, reason: GapReason, count: number | null): void {
    const pending = this.#pending.get(deviceId);
    if (pending === undefined) {
      this.#pending.set(deviceId, { missed: count, reason });
      return;
    }
    pending.missed = pending.missed === null || count === null ? null : pending.missed + count;
    if (weight[reason] > weight[pending.reason]) pending.reason = reason;
  }

  /** Returns the gap directly before this message, and forgets it: the message reports it. */
  take(message: DeviceMessage): Gap | null {
    const pending = this.#pending.get(message.deviceId);
    if (pending === undefined) return null;
    this.#pending.delete(message.deviceId);
    return pending;
  }
}
