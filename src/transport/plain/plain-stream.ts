import type { DeviceMessage, Gap } from '../../kernel/device-message.ts';
import type { Caller } from '../../kernel/caller.ts';
import { isDeviceId } from '../../kernel/device-id.ts';
import { SharedRendering, type Rendering, type RenderingMemory } from '../../delivery/rendering.ts';
import { deflated } from '../../delivery/websocket-framing.ts';
import { plainData, plainGapData } from '../../delivery/plain-rendering.ts';
import { SubscribeError } from '../../broker/errors.ts';
import type { QueuedSubscription } from '../../broker/queued-subscription.ts';
import { whenOpen } from '../../log/history.ts';
import type { SeenPositions } from '../../log/position.ts';
import { idOfOneDevice } from '../event-stream/event-positions.ts';
import { eventText, idLine } from '../event-stream/event-text.ts';
import type { TransportContext } from '../transport-context.ts';

const noBytes = Buffer.alloc(0);
export const keepAliveData = '{"type":"keep-alive"}';

/** The bodies of the forms of the plain stream, shared by all their clients. */
export interface PlainRenderings {
  readonly webSocket: Rendering;
  readonly compressedWebSocket: Rendering;
  readonly events: Rendering;
  /** For a stream of one device, whose id is the same for all. */
  readonly eventsOfOneDevice: Rendering;
  /** Of gaps, for the clients that ask for them. */
  readonly gaps: {
    readonly webSocket: Rendering;
    readonly compressedWebSocket: Rendering;
    /** Without an id: a client that is cut off behind it comes back for the message, and is told again. */
    readonly events: Rendering;
  };
}

export function createPlainRenderings(memory: RenderingMemory): PlainRenderings {
  const frame = (message: DeviceMessage): string =>
    `{"event":"message","data":${plainData(message)}}`;
  const event = (message: DeviceMessage): string => eventText('message', plainData(message));
  const gapFrame = (message: DeviceMessage, gap: Gap): string =>
    `{"event":"gap","data":${plainGapData(message, gap)}}`;
  const gapEvent = (message: DeviceMessage, gap: Gap): string =>
    eventText('gap', plainGapData(message, gap));
  const shared = (render: (message: DeviceMessage) => Buffer): Rendering =>
    new SharedRendering(render, { memory });
  const sharedGaps = (render: (message: DeviceMessage, gap: Gap) => Buffer): Rendering =>
    new SharedRendering((message, gap) => (gap === null ? noBytes : render(message, gap)), {
      memory,
      tellsGaps: true,
    });
  return {
    webSocket: shared((message) => Buffer.from(frame(message))),
    compressedWebSocket: shared((message) => deflated(frame(message))),
    events: shared((message) => Buffer.from(event(message))),
    eventsOfOneDevice: shared((message) =>
      Buffer.from(idLine(idOfOneDevice(message)) + event(message)),
    ),
    gaps: {
      webSocket: sharedGaps((message, gap) => Buffer.from(gapFrame(message, gap))),
      compressedWebSocket: sharedGaps((message, gap) => deflated(gapFrame(message, gap))),
      events: sharedGaps((message, gap) => Buffer.from(gapEvent(message, gap))),
    },
  };
}

/** What is wrong with a request for the plain stream. */
export class PlainRequestError extends Error {}

/**
 * Whether the client asks for gaps, by `?gaps=1`. One that does not gets none:
 * clients of before may not know the event. Throws a PlainRequestError.
 */
export function asksForGaps(query: URLSearchParams): boolean {
  const gaps = query.get('gaps') ?? '0';
  if (gaps !== '0' && gaps !== '1')
    throw new PlainRequestError(
      'gaps must be 1 or 0; with 1, the stream tells what was missed of a device',
    );
  return gaps === '1';
}

/** The devices of `?device_ids=a,b`. Throws a PlainRequestError. */
export function deviceIdsOf(
  { limits }: TransportContext,
  query: URLSearchParams,
): readonly string[] {
  const named = query
    .getAll('device_ids')
    .flatMap((ids) => ids.split(','))
    .map((id) => id.trim())
    .filter((id) => id !== '');
  const deviceIds = [...new Set(named)];
  if (deviceIds.length === 0) {
    throw new PlainRequestError(
      'device_ids is required: one or more device ids with commas between them, for example ?device_ids=a,b',
    );
  }
  if (deviceIds.length > limits.maxDeviceIds) {
    throw new PlainRequestError(
      `device_ids names ${deviceIds.length} devices; one stream takes at most ${limits.maxDeviceIds}`,
    );
  }
  if (!deviceIds.every(isDeviceId)) {
    throw new PlainRequestError(
      'a device id in device_ids is longer than 256 characters or has control characters in it',
    );
  }
  return deviceIds;
}

/** Opens a subscription for `?device_ids=a,b`. Throws a PlainRequestError, or rejects with one. */
export function subscribePlain(
  context: TransportContext,
  query: URLSearchParams,
  caller: Caller,
  seen?: SeenPositions,
): QueuedSubscription | Promise<QueuedSubscription> {
  const { subscriptions, log } = context;
  const deviceIds = deviceIdsOf(context, query);
  return whenOpen(log, deviceIds, () => {
    try {
      return subscriptions.subscribe({ deviceIds, caller, seen });
    } catch (error) {
      throw error instanceof SubscribeError ? new PlainRequestError(error.message) : error;
    }
  });
}
