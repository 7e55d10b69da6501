import type { BrokerObserver } from '../broker/broker.ts';
import type { Subscription } from '../broker/subscription.ts';
import type { RejectionReason } from '../ingest/rejection.ts';
import type { Logger } from './logger.ts';
import { createRateLimit } from './rate-limit.ts';

/** One line per subscription, one per reason of a rejection and one of forgotten devices, in each 10 s at most. */
const intervalMs = 10_000;
/** Of a topic, which may be 64 KiB long and is somebody else's text. */
const topicLength = 200;

export interface EventLog extends BrokerObserver {
  messageRejected(reason: RejectionReason, topic: string): void;
  deviceForgotten(deviceId: string): void;
}

/** Writes what happens to messages and subscriptions into the log, with its rate limits. */
export function createEventLog(logger: Logger, now: () => number): EventLog {
  const perKind = createRateLimit(intervalMs, now);
  /** Of each subscription that has dropped messages: when that was last said, and how many it had dropped by then. */
  const said = new WeakMap<Subscription, { at: number; dropped: number }>();

  return {
    messageRejected(reason, topic) {
      perKind(reason, (count) => {
        logger.warn({ reason, topic: topic.slice(0, topicLength), count }, 'messages rejected');
      });
    },

    deviceForgotten(deviceId) {
      perKind('DEVICE_FORGOTTEN', (count) => {
        logger.info({ deviceId, count }, 'silent devices forgotten: new ones needed their places');
      });
    },

    messageDropped(subscription, reason) {
      const at = now();
      const last = said.get(subscription);
      if (last !== undefined && at - last.at < intervalMs) return;
      const { who, overflow, maxQueued, dropped, deviceIds } = subscription;
      logger.warn(
        {
          who,
          reason,
          overflow,
          maxQueued,
          devices: deviceIds.length,
          dropped: dropped - (last?.dropped ?? 0),
          droppedInAll: dropped,
        },
        reason === 'HISTORY_EXPIRED'
          ? 'messages dropped: they were not kept until the subscriber came for them'
          : 'messages dropped: the subscriber reads too slowly',
      );
      said.set(subscription, { at, dropped });
    },

    subscriptionEnded({ who, deviceIds, dropped }, reason, error) {
      const fields = { who, reason, devices: deviceIds.length, dropped };
      if (reason === 'INTERNAL_ERROR')
        logger.error({ ...fields, err: error }, 'subscription ended');
      else if (reason === 'SLOW_CONSUMER') logger.warn(fields, 'subscription ended');
      else logger.debug(fields, 'subscription ended');
    },

    sinkFailed({ who }, error) {
      logger.error({ who, err: error }, 'the end of a subscription could not be told');
    },
  };
}
