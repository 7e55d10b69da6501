import type { BrokerObserver } from '../broker/broker.ts';
import { dropReasons, type DropReason } from '../kernel/drop-reason.ts';
import type { QueuedSubscription } from '../broker/queued-subscription.ts';
import type { RejectionReason } from '../kernel/rejection.ts';
import type { Logger } from './logger.ts';
import { createRateLimit, others, type RateLimit } from './rate-limit.ts';

/**
 * In each 10 s, at most one line per connection and reason of a loss, one per reason of
 * a rejection, and one of forgotten devices.
 */
const intervalMs = 10_000;
/** How many characters of a topic are logged. A topic may be 64 KiB long and comes from outside. */
const topicLength = 200;

export interface EventLog extends BrokerObserver {
  messageRejected(reason: RejectionReason, topic: string): void;
  deviceForgotten(deviceId: string): void;
  /** Logs what the rate limits still hold back. */
  close(): void;
}

/** Logs what happens to messages and subscriptions, with rate limits. */
export function createEventLog(logger: Logger, now: () => number): EventLog {
  const rejections = createRateLimit<string>({
    intervalMs,
    now,
    say(reason, topic, count) {
      logger.warn(
        { event: 'ingest.rejected', reason, topic: topic.slice(0, topicLength), count },
        'messages rejected',
      );
    },
  });
  const forgotten = createRateLimit<string>({
    intervalMs,
    now,
    say(_key, deviceId, count) {
      logger.info(
        { event: 'device.forgotten', deviceId, count },
        'silent devices forgotten: new ones needed their places',
      );
    },
  });
  /**
   * One rate limit for each reason, so that a dropped message, of which there may be
   * very many, allocates nothing.
   */
  const drops = Object.fromEntries(
    dropReasons.map((reason) => [
      reason,
      createRateLimit<QueuedSubscription>({
        intervalMs,
        now,
        say(key, { caller, overflow, maxQueued }, dropped) {
          logger.warn(
            {
              event: 'subscription.dropped',
              who: key === others ? key : caller.who,
              reason,
              overflow,
              maxQueued,
              dropped,
            },
            reason === 'HISTORY_EXPIRED'
              ? 'messages dropped: they were not kept until the subscriber came for them'
              : 'messages dropped: the subscriber reads too slowly',
          );
        },
      }),
    ]),
  ) as Record<DropReason, RateLimit<QueuedSubscription>>;

  return {
    messageRejected(reason, topic) {
      rejections.event(reason, topic);
    },

    deviceForgotten(deviceId) {
      forgotten.event('', deviceId);
    },

    messageDropped(subscription, reason, count) {
      drops[reason].event(subscription.caller.who, subscription, count);
    },

    subscriptionEnded({ caller: { who }, deviceIds, dropped }, reason, error) {
      const fields = {
        event: 'subscription.ended',
        who,
        reason,
        devices: deviceIds.length,
        dropped,
      } as const;
      if (reason === 'INTERNAL_ERROR')
        logger.error({ ...fields, err: error }, 'subscription ended');
      else if (reason === 'SLOW_CONSUMER') logger.warn(fields, 'subscription ended');
      else logger.debug(fields, 'subscription ended');
    },

    sinkFailed({ caller: { who } }, error) {
      logger.error(
        { event: 'subscription.end_untold', who, err: error },
        'the end of a subscription could not be told',
      );
    },

    close() {
      rejections.close();
      forgotten.close();
      for (const ofReason of Object.values(drops)) ofReason.close();
    },
  };
}
