import type { History } from '../log/history.ts';
import { parsePosition, type Position, type SeenPositions } from '../log/position.ts';
import { Place, type PlaceOptions } from './place.ts';
import { SubscribeError } from './errors.ts';

/** Which earlier messages a subscription asks for. */
export interface ReplayRequest {
  /**
   * Continue after these positions. Each device at most once, and one of the
   * subscription's. A null position belongs to an unknown log: everything that is kept
   * follows it.
   */
  readonly after?:
    | readonly { readonly deviceId: string; readonly position: string | null }[]
    | undefined;
  /**
   * How many of the newest kept messages to deliver first, for each device that `after`
   * does not name. Default: 0.
   */
  readonly replay?: number | undefined;
}

/** Where a subscription begins. */
export interface Beginning {
  /** The place of each device. */
  readonly places: Map<string, Place>;
  /** The devices whose position is of another epoch: what was missed is unknown. */
  readonly resets: readonly string[];
  /** The devices with nothing to read whose source was interrupted after their position. */
  readonly interrupted: readonly string[];
}

/** Throws a SubscribeError for an invalid request. */
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
    // No message before the first one was asked for, so an interruption there does not matter.
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

/**
 * The number after which the newest `replay` kept messages of a device come, and then
 * the next ones. Throws a SubscribeError when `replay` is not a whole number from 0 on.
 */
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
    `after has a position for "${deviceId}" that is not valid: pass the position of a message unchanged`,
  );
}
