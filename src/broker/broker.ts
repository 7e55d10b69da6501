import { libraryCaller, type Caller } from '../kernel/caller.ts';
import type { DeviceMessage } from '../kernel/device-message.ts';
import type { History } from '../log/history.ts';
import type { SeenPositions } from '../log/position.ts';
import { CatchUp } from './catch-up.ts';
import type { Place } from './place.ts';
import { createCounters, type Counters } from '../metrics/counters.ts';
import type { DropReason } from '../kernel/drop-reason.ts';
import type { EndReason } from '../kernel/end-reason.ts';
import { asError, SubscribeError } from './errors.ts';
import { createIntervalWheel } from './interval-wheel.ts';
import type { Listener } from './listener.ts';
import { overflowPolicies, type OverflowPolicy } from './overflow-policy.ts';
import { beginningOf, type ReplayRequest } from './places.ts';
import { createReplays } from './replays.ts';
import { Sampler } from './sampler.ts';
import { QueuedSubscription, type SubscriptionHost } from './queued-subscription.ts';

export interface SubscribeRequest extends ReplayRequest {
  /** The devices to listen to; at least one, duplicates collapse. */
  readonly deviceIds: readonly string[];
  /** What a full queue does. Default: the broker's policy. */
  readonly overflow?: OverflowPolicy | undefined;
  /** How many messages its queue holds. Default and maximum: the broker's `queueSize`. */
  readonly maxQueued?: number | undefined;
  /**
   * Delivers at most one message of a device per interval of this length, always the
   * newest. Up to a day. Default: 0, all messages.
   */
  readonly minIntervalMs?: number | undefined;
  /** The subscriber's name in the log. Default: `library`. */
  readonly who?: string | undefined;
}

/** What a transport asks for on behalf of its client. */
export interface ClientSubscribeRequest extends SubscribeRequest {
  /** The client. Default: a program that embeds the gateway. */
  readonly caller?: Caller | undefined;
  /** The positions that the transport knows. For their devices, they take precedence over `after`. */
  readonly seen?: SeenPositions | undefined;
}

/** The longest `minIntervalMs`: one day. */
export const longestMinInterval = 86_400_000;

export interface BrokerOptions {
  /** The maximum number of messages in the queue of a subscription. */
  readonly queueSize: number;
  /** The policy of a subscription that does not name one. */
  readonly overflow: OverflowPolicy;
  /** Where kept messages are read. Default: no message is kept. */
  readonly history?: History | undefined;
  /** Told when a subscription ends or loses messages. Default: nobody is told. */
  readonly observer?: BrokerObserver;
}

/** Told what happens to subscriptions. No call may throw. */
export interface BrokerObserver {
  subscriptionEnded(
    subscription: QueuedSubscription,
    reason: EndReason,
    error: Error | undefined,
  ): void;
  /**
   * Called for every dropped message, or once for several, so it MUST be cheap. `count`
   * is 0 when unknown.
   */
  messageDropped(subscription: QueuedSubscription, reason: DropReason, count: number): void;
  /** The sink threw when it was told that the subscription had ended. The subscription has ended anyway. */
  sinkFailed?(subscription: QueuedSubscription, error: Error): void;
}

/** The part of the broker that transports and resolvers use. */
export interface Subscriptions {
  /** Throws a SubscribeError for an invalid request. */
  subscribe(request: ClientSubscribeRequest): QueuedSubscription;
}

/**
 * The typed PubSub keyed by device id.
 *
 * - `publish` MUST hand the messages of one device to each subscription in the order of
 *   the calls, MUST NOT throw and MUST NOT wait: a subscriber that fails or stalls
 *   loses its own subscription or messages, and affects no other subscriber.
 * - `subscribe` MUST register before it returns: every message published after that
 *   reaches the subscription, whether the subscription is being read yet or not.
 */
export interface Broker extends Subscriptions {
  readonly counters: Readonly<Counters>;
  /** The number of distinct device ids with a subscription. */
  readonly devicesMonitored: number;
  publish(message: DeviceMessage): void;
  /** Counts a message that was not published because nobody watches its device. */
  skip(): void;
  /** Whether there is a subscription for this device. */
  watches(deviceId: string): boolean;
  /**
   * Ends every subscription for this reason. A subscription that is opened later ends
   * at once for the same reason.
   */
  close(reason: EndReason, error?: Error): void;
}

export function createBroker(options: BrokerOptions): Broker {
  const counters = createCounters();
  const subscriptions = new Set<QueuedSubscription>();
  /**
   * The subscriptions of each device; a device without one has no entry. They are
   * arrays because dispatch walks them for each message.
   */
  const audiences = new Map<string, Listener[]>();
  /** By device, then by interval. */
  const samplers = new Map<string, Map<number, Sampler>>();
  const wheel = createIntervalWheel();
  const replays = createReplays();
  const history = options.history ?? noHistory;
  let dispatching = 0;
  let closed: { readonly reason: EndReason; readonly error: Error | undefined } | undefined;

  function join(deviceId: string, listener: Listener): void {
    const audience = audiences.get(deviceId);
    if (audience === undefined) audiences.set(deviceId, [listener]);
    else audience.push(listener);
  }

  function leave(deviceId: string, listener: Listener): void {
    const audience = audiences.get(deviceId);
    const index = audience?.indexOf(listener) ?? -1;
    if (audience === undefined || index === -1) return;
    if (audience.length === 1) {
      audiences.delete(deviceId);
    } else if (dispatching > 0) {
      // Dispatch may be walking this array.
      audiences.set(deviceId, audience.toSpliced(index, 1));
    } else {
      audience[index] = audience.at(-1)!;
      audience.pop();
    }
  }

  function joinSampler(deviceId: string, subscription: QueuedSubscription, place: Place): void {
    let ofDevice = samplers.get(deviceId);
    if (ofDevice === undefined) samplers.set(deviceId, (ofDevice = new Map()));
    const { minIntervalMs } = subscription;
    let sampler = ofDevice.get(minIntervalMs);
    if (sampler === undefined) {
      sampler = new Sampler(deviceId, minIntervalMs, wheel, counters);
      ofDevice.set(minIntervalMs, sampler);
      join(deviceId, sampler);
    }
    sampler.add(subscription, place);
  }

  function leaveSampler(deviceId: string, subscription: QueuedSubscription): void {
    const ofDevice = samplers.get(deviceId);
    const sampler = ofDevice?.get(subscription.minIntervalMs);
    if (ofDevice === undefined || sampler === undefined) return;
    sampler.remove(subscription);
    if (!sampler.empty) return;
    leave(deviceId, sampler);
    ofDevice.delete(subscription.minIntervalMs);
    if (ofDevice.size === 0) samplers.delete(deviceId);
  }

  const host: SubscriptionHost = {
    counters,
    closed(subscription, reason, error) {
      subscriptions.delete(subscription);
      const leaveFor = subscription.minIntervalMs > 0 ? leaveSampler : leave;
      for (const deviceId of subscription.deviceIds) leaveFor(deviceId, subscription);
      counters.byTransport[subscription.caller.transport].activeSubscribers -= 1;
      counters.ended[reason] += 1;
      options.observer?.subscriptionEnded(subscription, reason, error);
    },
    droppedBy(subscription, reason, count) {
      options.observer?.messageDropped(subscription, reason, count);
    },
    replays: (subscription) => replays.add(subscription),
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
      // A listener that joins during the loop is placed after `count` and does not get this
      // message.
      const count = audience.length;
      for (let i = 0; i < count; i += 1) {
        const listener = audience[i]!;
        try {
          listener.push(message);
        } catch (error) {
          listener.end('INTERNAL_ERROR', asError(error));
        }
      }
      dispatching -= 1;
    },

    skip() {
      counters.processed += 1;
    },

    watches: (deviceId) => audiences.has(deviceId),

    subscribe(request) {
      const deviceIds = [...new Set(request.deviceIds)];
      const maxQueued = request.maxQueued ?? options.queueSize;
      const overflow = request.overflow ?? options.overflow;
      if (deviceIds.length === 0) {
        throw new SubscribeError('deviceIds must name at least one device; it is empty');
      }
      if (!Number.isInteger(maxQueued) || maxQueued < 1 || maxQueued > options.queueSize) {
        throw new SubscribeError(
          `maxQueued must be a whole number from 1 to ${options.queueSize} (the gateway's queue size); it is ${maxQueued}`,
        );
      }
      if (!overflowPolicies.includes(overflow)) {
        throw new SubscribeError(
          `overflow must be one of ${overflowPolicies.join(', ')}; it is ${overflow}`,
        );
      }
      const minIntervalMs = request.minIntervalMs ?? 0;
      if (
        !Number.isInteger(minIntervalMs) ||
        minIntervalMs < 0 ||
        minIntervalMs > longestMinInterval
      ) {
        throw new SubscribeError(
          `minIntervalMs must be a whole number from 0 to ${longestMinInterval}; it is ${minIntervalMs}`,
        );
      }
      const sampled = minIntervalMs > 0;
      const { places, resets, interrupted } = beginningOf(
        deviceIds,
        request,
        request.seen,
        history,
      );
      const behind = new Map([...places].filter(([, place]) => place.isBehind));
      const subscription = new QueuedSubscription(host, {
        deviceIds,
        overflow,
        maxQueued,
        minIntervalMs,
        caller: request.caller ?? libraryCaller(request.who),
        interruption: history.interruption,
        starts: deviceIds.map((deviceId) => ({
          epoch: history.epochOf(deviceId),
          sequence: places.get(deviceId)!.sequence,
        })),
        catchUp: behind.size === 0 ? null : new CatchUp(history, behind, sampled),
      });
      subscriptions.add(subscription);
      for (const deviceId of deviceIds) {
        if (sampled) joinSampler(deviceId, subscription, places.get(deviceId)!);
        else join(deviceId, subscription);
      }
      for (const deviceId of resets) subscription.missed(deviceId, 'STREAM_RESET', null);
      for (const deviceId of interrupted) subscription.missed(deviceId, 'SOURCE_INTERRUPTED', null);
      counters.byTransport[subscription.caller.transport].activeSubscribers += 1;
      if (closed !== undefined) subscription.end(closed.reason, closed.error);
      return subscription;
    },

    close(reason, error) {
      closed ??= { reason, error };
      for (const subscription of subscriptions) subscription.end(reason, error);
      wheel.close();
    },
  };
}

const noHistory: History = {
  open: () => undefined,
  epochOf: () => '',
  lastSequence: () => 0,
  oldestKept: () => 1,
  readAfter: () => [],
  interruption: 0,
  interruptionAt: () => 0,
};
