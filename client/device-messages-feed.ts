import { callOut } from './call-out.ts';
import type {
  CurrentPositionsQuery,
  DeviceMessagesSubscription,
  DeviceMessagesSubscriptionVariables,
  GapReason,
} from './generated/graphql.ts';
import { CurrentPositionsText, DeviceMessagesText } from './generated/texts.ts';
import { ask, LinkFailure, type Link, type Operation } from './link.ts';
import type { Feed } from './operation-stream.ts';
import {
  callback,
  checkDeviceIds,
  nullable,
  shown,
  text,
  whole,
  type Kinds,
} from './option-check.ts';

/** One message that a device sent. */
export type DeviceMessage = DeviceMessagesSubscription['deviceMessages'];

/** What a stream has missed of a device directly before a message. */
export interface DeviceGap {
  readonly deviceId: string;
  /** How many messages; null when that cannot be known. */
  readonly missed: number | null;
  readonly reason: GapReason;
  /** Of the message before which they are missing. */
  readonly position: string;
}

export interface DeviceMessagesOptions extends Pick<
  DeviceMessagesSubscriptionVariables,
  'overflow' | 'maxQueued' | 'minIntervalMs'
> {
  /** The devices. More can be added; without any, the stream waits until there are. */
  readonly deviceIds: readonly string[];
  /** Go on behind these positions. Default: from now on, or as `replay` says. */
  readonly after?: readonly { readonly deviceId: string; readonly position: string }[] | undefined;
  /** First, the newest so many kept messages of each device that `after` does not name. Default: 0. */
  readonly replay?: number | undefined;
  /** Told of each gap as its message arrives, which has it too. */
  readonly onGap?: ((gap: DeviceGap) => void) | undefined;
}

export const deviceMessagesKinds: Kinds = {
  // Read by `checkDeviceIds`, which says which one is wrong.
  deviceIds: ['an array of strings', () => true],
  after: ['an array of { deviceId, position }, both strings', arePositions],
  replay: whole(0),
  overflow: nullable(text),
  maxQueued: nullable(whole(1)),
  minIntervalMs: nullable(whole(0)),
  onGap: callback,
};

function arePositions(after: unknown): boolean {
  return (
    Array.isArray(after) &&
    after.every(
      (place: { deviceId?: unknown; position?: unknown } | null | undefined) =>
        typeof place?.deviceId === 'string' && typeof place.position === 'string',
    )
  );
}

/** The messages of some devices: it always asks behind a position, so that it can be cut off at any moment. */
export class DeviceMessagesFeed implements Feed<DeviceMessage> {
  readonly isResumable = true;
  readonly #options: DeviceMessagesOptions;
  /** Of each device, behind which its next message comes; undefined while that is not known. */
  readonly #positions = new Map<string, string | undefined>();

  constructor(options: DeviceMessagesOptions) {
    this.#options = options;
    checkDeviceIds(options.deviceIds);
    for (const deviceId of options.deviceIds) this.add(deviceId);
    for (const { deviceId, position } of options.after ?? []) {
      if (!this.#positions.has(deviceId)) {
        throw new TypeError(`after names ${shown(deviceId)}, which is not among deviceIds`);
      }
      this.#positions.set(deviceId, position);
    }
  }

  /** False when it has it already. */
  add(deviceId: string): boolean {
    if (this.#positions.has(deviceId)) return false;
    this.#positions.set(deviceId, undefined);
    return true;
  }

  /** False when it does not have it. */
  remove(deviceId: string): boolean {
    return this.#positions.delete(deviceId);
  }

  prepare(link: Link): Promise<void> | undefined {
    const deviceIds = [...this.#positions].flatMap(([deviceId, position]) =>
      position === undefined ? [deviceId] : [],
    );
    return deviceIds.length === 0 ? undefined : this.#askPositions(link, deviceIds);
  }

  operation(): Operation | undefined {
    const { overflow, maxQueued, minIntervalMs } = this.#options;
    // One that was added a moment ago comes with the operation that follows.
    const after = [...this.#positions].flatMap(([deviceId, position]) =>
      position === undefined ? [] : [{ deviceId, position }],
    );
    if (after.length === 0) return undefined;
    return {
      query: DeviceMessagesText,
      variables: {
        deviceIds: after.map(({ deviceId }) => deviceId),
        after,
        overflow,
        maxQueued,
        minIntervalMs,
      },
    };
  }

  take(data: unknown): DeviceMessage | undefined {
    const { deviceMessages: message } = data as DeviceMessagesSubscription;
    const { deviceId, position, gap } = message;
    // It was removed, and the gateway does not know yet.
    if (!this.#positions.has(deviceId)) return undefined;
    this.#positions.set(deviceId, position);
    if (gap != null) callOut(this.#options.onGap, { deviceId, position, ...gap });
    return message;
  }

  async #askPositions(link: Link, deviceIds: readonly string[]): Promise<void> {
    const { replay = 0 } = this.#options;
    const data = (await ask(link, {
      query: CurrentPositionsText,
      variables: { deviceIds, replay },
    })) as Partial<CurrentPositionsQuery> | null | undefined;
    if (!Array.isArray(data?.currentPositions)) throw new LinkFailure(undefined);
    for (const { deviceId, position } of data.currentPositions) {
      if (this.#positions.has(deviceId)) {
        this.#positions.set(deviceId, this.#positions.get(deviceId) ?? position);
      }
    }
  }
}
