import type { DeviceMessage, Gap } from '../kernel/device-message.ts';
import type { Position } from '../log/position.ts';
import type { OverflowPolicy } from './overflow-policy.ts';

/**
 * A message as one subscription gets it. The object is shared, unless this subscription
 * missed something before it.
 */
export type Delivery = DeviceMessage & { readonly gap?: Gap };

/**
 * The messages of some devices, for a program that embeds the gateway: one consumer
 * reads them as an async iterable. Leaving the loop ends the subscription; so does
 * `return()`, also while a `next()` is pending.
 */
export interface Subscription extends AsyncIterableIterator<Delivery, undefined>, AsyncDisposable {
  /** The devices, without duplicates. */
  readonly deviceIds: readonly string[];
  /** What a full queue does. */
  readonly overflow: OverflowPolicy;
  /** The maximum number of messages in the queue. */
  readonly maxQueued: number;
  /** At most one message of a device per interval, in milliseconds; 0: all messages. */
  readonly minIntervalMs: number;
  /**
   * For each device, the position after which the subscription began: the place to
   * resume from when the subscription ends before the first message of the device.
   */
  readonly begins: ReadonlyMap<string, Position>;
  /** How many messages it has dropped since it began. */
  readonly dropped: number;
  /** How many messages wait in the queue. */
  readonly queued: number;
  readonly ended: boolean;
  next(): Promise<IteratorResult<Delivery, undefined>>;
  return(): Promise<IteratorReturnResult<undefined>>;
  throw(error?: unknown): Promise<IteratorResult<Delivery, undefined>>;
  [Symbol.asyncIterator](): this;
}
