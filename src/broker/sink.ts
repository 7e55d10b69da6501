import type { DeviceMessage, Gap } from '../kernel/device-message.ts';
import type { EndReason } from '../kernel/end-reason.ts';

/**
 * Where a subscription sends its messages when they are not pulled.
 *
 * - `writable` MUST be cheap: it is read once for each message.
 * - `write` MUST take the message synchronously and MUST NOT throw.
 * - After `writable` was false, the sink's owner MUST call `subscription.feedSink()` once
 *   there is room again.
 */
export interface Sink {
  readonly writable: boolean;
  /** `queued`: true when the message waited in the queue, false when it comes directly from dispatch. */
  write(message: DeviceMessage, gap: Gap | null, queued: boolean): void;
  /**
   * Called once, for every reason. MUST NOT throw: it may be called from dispatch.
   * `error` is what the client is told, if anything.
   */
  end(reason: EndReason, error: Error | undefined): void;
}
