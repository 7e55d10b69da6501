import type { Caller } from '../../kernel/caller.ts';
import { isDeviceId } from '../../kernel/device-id.ts';
import { SubscribeError } from '../../broker/errors.ts';
import type { QueuedSubscription } from '../../broker/queued-subscription.ts';
import { whenOpen } from '../../log/history.ts';
import type { SeenPositions } from '../../log/position.ts';
import type { TransportContext } from '../transport-context.ts';

export const keepAliveData = '{"type":"keep-alive"}';

/** A fault in a request for the plain stream. */
export class PlainRequestError extends Error {}

/**
 * Whether the client requests gaps, with `?gaps=1`. Other clients get none, because
 * older ones may not know the event. Throws a PlainRequestError.
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
