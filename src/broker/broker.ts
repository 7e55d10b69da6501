import type { DeviceMessage } from '../device-message.ts';
import { createCounters, type Counters } from './counters.ts';
import type { EndReason } from './end-reason.ts';
import { asError } from './errors.ts';
import { overflowPolicies, type OverflowPolicy } from './overflow-policy.ts';
import { Subscription, type SubscriptionHost } from './subscription.ts';

export interface SubscribeRequest {
  /** The devices to listen to; at least one, duplicates collapse. */
  readonly deviceIds: readonly string[];
  /** Default: the broker's. */
  readonly overflow?: OverflowPolicy | undefined;
  /** Messages that its queue holds. Default, and at most: the broker's `queueSize`. */
  readonly maxQueued?: number | undefined;
  /** Who subscribes, for the log. Default: `library`. */
  readonly who?: string | undefined;
}

export interface BrokerOptions {
  /** Messages that the queue of a subscription holds at most. */
  readonly queueSize: number;
  /** The policy of a subscription that names none. */
  readonly overflow: OverflowPolicy;
  /** What a subscription's life leaves in the log. Default: nothing. */
  readonly observer?: BrokerObserver;
}

/** Told what happens to subscriptions. No call may throw. */
export interface BrokerObserver {
  subscriptionEnded(subscription: Subscription, reason: EndReason, error: Error | undefined): void;
  /** Called for every dropped message, so it MUST be cheap. */
  messageDropped(subscription: Subscription): void;
  /** What it was attached to has thrown on being told that it has ended. It has ended all the same. */
  sinkFailed?(subscription: Subscription, error: Error): void;
}

/**
 * The typed PubSub keyed by device id.
 *
 * - `publish` MUST hand the messages of one device to each subscription in the
 *   order of the calls, MUST NOT throw and MUST NOT wait: a subscriber that
 *   fails or stalls costs itself its subscription or its messages, and no one else anything.
 * - `subscribe` MUST have registered when it returns: what is published after
 *   that reaches the subscription, whether it is being read yet or not.
 */
export interface Broker {
  readonly counters: Readonly<Counters>;
  /** Distinct device ids with a subscription. */
  readonly devicesMonitored: number;
  publish(message: DeviceMessage): void;
  /** Throws a TypeError for a request that no subscription can have. */
  subscribe(request: SubscribeRequest): Subscription;
  /** Ends every subscription, and each that comes later at once, for the same reason. */
  close(reason: EndReason, error?: Error): void;
}

export function createBroker(options: BrokerOptions): Broker {
  const counters = createCounters();
  const subscriptions = new Set<Subscription>();
  /** The subscriptions of each device; a device without one has no entry. Arrays: dispatch walks them for each message. */
  const audiences = new Map<string, Subscription[]>();
  let dispatching = 0;
  let closed: { readonly reason: EndReason; readonly error: Error | undefined } | undefined;

  function leave(deviceId: string, subscription: Subscription): void {
    const audience = audiences.get(deviceId);
    const index = audience?.indexOf(subscription) ?? -1;
    if (audience === undefined || index === -1) return;
    if (audience.length === 1) {
      audiences.delete(deviceId);
    } else if (dispatching > 0) {
      // Somebody may be walking this array right now.
      audiences.set(deviceId, audience.toSpliced(index, 1));
    } else {
      audience[index] = audience.at(-1)!;
      audience.pop();
    }
  }

  const host: SubscriptionHost = {
    counters,
    closed(subscription, reason, error) {
      subscriptions.delete(subscription);
      for (const deviceId of subscription.deviceIds) leave(deviceId, subscription);
      counters.activeSubscribers -= 1;
      counters.ended[reason] += 1;
      options.observer?.subscriptionEnded(subscription, reason, error);
    },
    droppedBy(subscription) {
      options.observer?.messageDropped(subscription);
    },
    sinkFailed(subscription, error) {
      options.observer?.sinkFailed?.(subscription, error);
    },
  };

  return {
    counters,
    get devicesMonitored() {
      return audiences.size;
    },

    publish(message) {
      counters.processed += 1;
      const audience = audiences.get(message.deviceId);
      if (audience === undefined) return;
      dispatching += 1;
      // Whoever joins while this goes on is behind the last one.
      const count = audience.length;
      for (let i = 0; i < count; i += 1) {
        const subscription = audience[i]!;
        try {
          subscription.push(message);
        } catch (error) {
          subscription.end('INTERNAL_ERROR', asError(error));
        }
      }
      dispatching -= 1;
    },

    subscribe(request) {
      const deviceIds = [...new Set(request.deviceIds)];
      const maxQueued = request.maxQueued ?? options.queueSize;
      const overflow = request.overflow ?? options.overflow;
      if (deviceIds.length === 0) {
        throw new TypeError('deviceIds must name at least one device; it is empty');
      }
      if (!Number.isInteger(maxQueued) || maxQueued < 1 || maxQueued > options.queueSize) {
        throw new TypeError(
          `maxQueued must be a whole number from 1 to ${options.queueSize} (the gateway's queue size); it is ${maxQueued}`,
        );
      }
      if (!overflowPolicies.includes(overflow)) {
        throw new TypeError(
          `overflow must be one of ${overflowPolicies.join(', ')}; it is ${overflow}`,
        );
      }
      const subscription = new Subscription(host, {
        deviceIds,
        overflow,
        maxQueued,
        who: request.who ?? 'library',
      });
      subscriptions.add(subscription);
      for (const deviceId of deviceIds) {
        const audience = audiences.get(deviceId);
        if (audience === undefined) audiences.set(deviceId, [subscription]);
        else audience.push(subscription);
      }
      counters.activeSubscribers += 1;
      if (closed !== undefined) subscription.end(closed.reason, closed.error);
      return subscription;
    },

    close(reason, error) {
      closed ??= { reason, error };
      for (const subscription of subscriptions) subscription.end(reason, error);
    },
  };
}
