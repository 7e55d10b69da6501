import type { DeviceRecord } from './device-directory.ts';

/**
 * When a device was last heard, by a message or by its availability, in milliseconds
 * since 1970 (UTC). Retained messages do not count.
 */
function heardAt({ lastSeenAt, availability }: DeviceRecord): number {
  const toldAt = availability === null || availability.retained ? -Infinity : availability.at;
  return Math.max(lastSeenAt ?? -Infinity, toldAt);
}

/** The rule by which a device counts as online. */
export interface OnlineRule {
  /** Whether devices report their availability on a separate topic. */
  readonly hasTopic: boolean;
  /** A device that is silent for longer is offline, in milliseconds. Undefined: silence has no meaning. */
  readonly silenceTimeoutMs: number | undefined;
}

/**
 * Whether a device is online; null when there is no rule, or no data to apply it to.
 * The newest information counts: a message after the last will means that the device is
 * back.
 */
export function isOnline(
  device: DeviceRecord,
  { hasTopic, silenceTimeoutMs }: OnlineRule,
  now: number,
): boolean | null {
  if (!hasTopic && silenceTimeoutMs === undefined) return null;
  const { lastSeenAt, availability } = device;
  if (availability !== null && !availability.online && availability.at >= (lastSeenAt ?? 0)) {
    return false;
  }
  if (silenceTimeoutMs !== undefined) return now - heardAt(device) <= silenceTimeoutMs;
  return availability === null ? null : true;
}
