import type { DeviceRecord } from './device-directory.ts';

/** When a device was last heard, by a message or by its availability, in milliseconds since 1970 (UTC). What was retained is not heard. */
function heardAt({ lastSeenAt, availability }: DeviceRecord): number {
  const toldAt = availability === null || availability.retained ? -Infinity : availability.at;
  return Math.max(lastSeenAt ?? -Infinity, toldAt);
}

/** When a device counts as online. */
export interface OnlineRule {
  /** Whether devices tell their availability on a topic of its own. */
  readonly hasTopic: boolean;
  /** A device that is silent for longer is offline, in milliseconds; undefined: silence says nothing. */
  readonly silenceTimeoutMs: number | undefined;
}

/**
 * Whether a device is online; null where there is no rule, or nothing to apply
 * it to. The newest word counts: a message after the last will says that the
 * device is back.
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
