import type { History } from '../log/log.ts';
import { parsePosition } from '../log/position.ts';
import type { Place } from './catch-up.ts';

/** What a subscription wants of the messages that were before it. */
export interface ReplayRequest {
  /** Go on behind these positions. Each device at most once, and one of the subscription's. */
  readonly after?: readonly { readonly deviceId: string; readonly position: string }[] | undefined;
  /** First, the newest so many kept messages of each device that `after` does not name. Default: 0. */
  readonly replay?: number | undefined;
}

/** Where the subscription begins with each device. Throws a TypeError for a request that makes no sense. */
export function placesOf(
  deviceIds: readonly string[],
  { after = [], replay = 0 }: ReplayRequest,
  history: History,
): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const deviceId of deviceIds) {
    const registered = history.lastSequence(deviceId);
    places.set(deviceId, { sequence: placeBehind(deviceId, replay, history), registered });
  }
  const named = new Set<string>();
  for (const { deviceId, position } of after) {
    const place = places.get(deviceId);
    if (place === undefined) {
      throw new TypeError(`after names "${deviceId}", which is not among deviceIds`);
    }
    if (named.has(deviceId)) throw new TypeError(`after names "${deviceId}" twice`);
    named.add(deviceId);
    place.sequence = sequenceOf(position, deviceId, place.registered, history);
  }
  return places;
}

/** The number behind which the newest `replay` kept messages of a device come, and then the next ones. Throws a TypeError for a count that is none. */
export function placeBehind(deviceId: string, replay: number, history: History): number {
  if (!Number.isInteger(replay) || replay < 0) {
    throw new TypeError(`replay must be a whole number from 0 on; it is ${replay}`);
  }
  const last = history.lastSequence(deviceId);
  const oldest = replay === 0 ? last + 1 : history.oldestKept(deviceId);
  return Math.max(oldest - 1, last - replay);
}

/** The devices whose position is of another log. */
export function resetsOf({ after = [] }: ReplayRequest, history: History): string[] {
  return after
    .filter(({ position }) => parsePosition(position)?.epoch !== history.epoch)
    .map(({ deviceId }) => deviceId);
}

function sequenceOf(position: string, deviceId: string, last: number, history: History): number {
  const parsed = parsePosition(position);
  if (parsed === undefined) {
    throw new TypeError(
      `after has a position for "${deviceId}" that is none: hand back what a message had in its position`,
    );
  }
  // All that is kept of this epoch is behind a position of another one.
  if (parsed.epoch !== history.epoch) return history.oldestKept(deviceId) - 1;
  if (parsed.sequence > last) {
    throw new TypeError(`after has a position for "${deviceId}" that no message has had`);
  }
  return parsed.sequence;
}
