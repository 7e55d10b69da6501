import { SubscribeError } from '../src/broker/errors.ts';
import type { Delivery } from '../src/broker/subscription.ts';
import { createTicks } from '../src/observe/ticks.ts';
import type { BrokerStatsRef } from './broker-stats.ts';
import { whenOpen } from '../src/log/history.ts';
import type { Builder } from './builder.ts';
import { distinctDeviceIds } from './device-ids.ts';
import type { DeviceMessageRef } from './device-message.ts';
import type { DevicePositionRef } from './device-position.ts';
import { badUserInput } from './errors.ts';
import type { OverflowPolicyRef } from './overflow-policy.ts';

const defaultStatsIntervalMs = 1000;
export const minStatsIntervalMs = 100;
const maxStatsIntervalMs = 3_600_000;

/** What the fields of `Subscription` answer with, and what their arguments are made of. */
export interface SubscriptionTypes {
  readonly brokerStats: BrokerStatsRef;
  readonly deviceMessage: DeviceMessageRef;
  readonly devicePosition: DevicePositionRef;
  readonly overflowPolicy: OverflowPolicyRef;
}

export function addSubscription(builder: Builder, types: SubscriptionTypes): void {
  builder.subscriptionType({
    description: 'Operations with a stream of answers.',
    fields: (t) => ({
      deviceMessages: t.field({
        type: types.deviceMessage,
        description:
          'The messages of some devices, live. The messages of one device come in the order in which they were sent; there is no guaranteed order across devices.',
        args: {
          deviceIds: t.arg.idList({
            required: true,
            description: 'The devices: at least one; duplicates are removed.',
          }),
          after: t.arg({
            type: [types.devicePosition],
            description:
              'Resume after these positions: first all kept messages after them, then live messages, with no hole and no repeat.',
          }),
          replay: t.arg.int({
            defaultValue: 0,
            description:
              'How many of the newest kept messages come first, for each device that `after` does not name.',
          }),
          overflow: t.arg({
            type: types.overflowPolicy,
            description: "What a full queue does. Default: the gateway's policy.",
          }),
          maxQueued: t.arg.int({
            description:
              "How many messages the queue of this subscription holds while its client does not read. Default and maximum: the gateway's queue size.",
          }),
          minIntervalMs: t.arg.int({
            defaultValue: 0,
            description:
              'The minimum time between two messages of a device, in milliseconds; the newest message is delivered. 0: all messages. Up to a day.',
          }),
        },
        subscribe: (_root, args, { subscriptions, log, limits, quota, caller, seen }) => {
          const { maxQueued } = args;
          const deviceIds = distinctDeviceIds(args.deviceIds, limits);
          if (maxQueued != null && (maxQueued < 1 || maxQueued > limits.queueSize)) {
            throw badUserInput(
              `maxQueued must be from 1 to ${limits.queueSize}, the gateway's queue size; it is ${maxQueued}.`,
            );
          }
          return whenOpen(log, deviceIds, () => {
            const refused = quota?.messages(deviceIds.length);
            if (refused !== undefined) throw refused;
            try {
              return subscriptions.subscribe({
                deviceIds,
                after: args.after ?? undefined,
                seen,
                replay: args.replay ?? undefined,
                overflow: args.overflow ?? undefined,
                maxQueued: maxQueued ?? undefined,
                minIntervalMs: args.minIntervalMs ?? undefined,
                caller,
              });
            } catch (error) {
              // The broker refused the request, so the operation is invalid.
              throw error instanceof SubscribeError ? badUserInput(`${error.message}.`) : error;
            }
          });
        },
        resolve: (message: Delivery) => message,
      }),
      brokerStats: t.field({
        type: types.brokerStats,
        description: 'The metrics of the gateway: now, and again after each interval.',
        args: {
          intervalMs: t.arg.int({
            defaultValue: defaultStatsIntervalMs,
            description: 'The interval in milliseconds, from 100 to 3,600,000.',
          }),
        },
        subscribe: (_root, args, { sharedStats, quota }) => {
          const intervalMs = args.intervalMs ?? defaultStatsIntervalMs;
          if (intervalMs < minStatsIntervalMs || intervalMs > maxStatsIntervalMs) {
            throw badUserInput(
              `intervalMs must be from ${minStatsIntervalMs} to ${maxStatsIntervalMs}; it is ${intervalMs}.`,
            );
          }
          const refused = quota?.stats();
          if (refused !== undefined) throw refused;
          return createTicks(intervalMs, sharedStats);
        },
        resolve: (stats) => stats,
      }),
    }),
  });
}
