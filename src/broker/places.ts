import type { History } from '../log/history.ts';
import { parsePosition, type Position, type SeenPositions } from '../log/position.ts';
import { Place, type PlaceOptions } from './place.ts';
import { SubscribeError } from './errors.ts';

/** What a subscription wants of the messages that were before it. */
export interface ReplayRequest {
  /**
   * Go on behind these positions. Each device at most once, and one of the
   * subscription's. Null: a position of a log that nobody knows, behind which
   * comes everything that is kept.
   */
  readonly after?:
    | readonly { readonly deviceId: string; readonly position: string | null }[]
    | undefined;
  /** First, the newest so many kept messages of each device that `after` does not name. Default: 0. */
  readonly replay?: number | undefined;
}

/** Where a subscription begins. */
export interface Beginning {
  /** By device. */
  readonly places: Map<string, Place>;
  /** The devices whose position is of another epoch, so that nobody knows what was missed. */
  readonly resets: readonly string[];
  /** The devices of which nothing is to be read, and whose source was interrupted behind their position. */
  readonly interrupted: readonly string[];
}

/** Throws a SubscribeError for a request that makes no sense. */
export function beginningOf(
  deviceIds: readonly string[],
  { after = [], replay = 0 }: ReplayRequest,
  seen: SeenPositions | undefined,
  history: History,
): Beginning {
  const begins = new Map<string, PlaceOptions>();
  for (const deviceId of deviceIds) {
    const registered = history.lastSequence(deviceId);
    const sequence = sequenceBefore(deviceId, replay, history);
    // Nothing was asked for in front of the first message, so an interruption there does not matter.
    const interruption = history.interruptionAt(deviceId, sequence + 1);
    begins.set(deviceId, { sequence, registered, interruption });
  }
  const named = new Set<string>();
  const resets: string[] = [];
  const interrupted: string[] = [];
  function goOnBehind(deviceId: string, { registered }: PlaceOptions, text: string | null): void {
    const position = text === null ? null : seenPosition(text, deviceId);
    if (position?.epoch !== history.epochOf(deviceId)) {
      const sequence = history.oldestKept(deviceId) - 1;
      const interruption = history.interruptionAt(deviceId, sequence + 1);
      begins.set(deviceId, { sequence, registered, interruption });
      resets.push(deviceId);
      return;
    }
    const { sequence } = position;
    if (sequence > registered) {
      throw new SubscribeError(`after has a position for "${deviceId}" that no message has had`);
    }
    const interruption = history.interruptionAt(deviceId, sequence);
    begins.set(deviceId, { sequence, registered, interruption });
    const ahead = history.interruptionAt(deviceId, registered + 1);
    if (sequence === registered && ahead > interruption) interrupted.push(deviceId);
  }
  for (const { deviceId, position } of after) {
    const begin = begins.get(deviceId);
    if (begin === undefined) {
      throw new SubscribeError(`after names "${deviceId}", which is not among deviceIds`);
    }
    if (named.has(deviceId)) throw new SubscribeError(`after names "${deviceId}" twice`);
    named.add(deviceId);
    if (seen?.of(deviceId) === undefined) goOnBehind(deviceId, begin, position);
  }
  if (seen !== undefined) {
    for (const deviceId of deviceIds) {
      const position = seen.of(deviceId);
      if (position !== undefined) goOnBehind(deviceId, begins.get(deviceId)!, position);
    }
  }
  const places = new Map([...begins].map(([deviceId, begin]) => [deviceId, new Place(begin)]));
  return { places, resets, interrupted };
}

/** The number behind which the newest `replay` kept messages of a device come, and then the next ones. Throws a SubscribeError for a count that is none. */
export function sequenceBefore(deviceId: string, replay: number, history: History): number {
  if (!Number.isInteger(replay) || replay < 0) {
    throw new SubscribeError(`replay must be a whole number from 0 on; it is ${replay}`);
  }
  const last = history.lastSequence(deviceId);
  const oldest = replay === 0 ? last + 1 : history.oldestKept(deviceId);
  return Math.max(oldest - 1, last - replay);
}

function seenPosition(text: string, deviceId: string): Position {
  const position = parsePosition(text);
  if (position !== undefined) return position;
  throw new SubscribeError(
    `after has a position for "${deviceId}" that is none: hand back what a message had in its position`,
  );
}
