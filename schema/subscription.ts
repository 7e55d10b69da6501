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
    description: 'What can be followed.',
    fields: (t) => ({
      deviceMessages: t.field({
        type: types.deviceMessage,
        description:
          'The messages of some devices, live. Those of one device come in the order in which they were sent; no order is promised across devices.',
        args: {
          deviceIds: t.arg.idList({
            required: true,
            description: 'The devices: at least one; duplicates collapse.',
          }),
          after: t.arg({
            type: [types.devicePosition],
            description:
              'Go on behind these positions: first all kept messages behind them, then live ones, with no hole and no repeat.',
          }),
          replay: t.arg.int({
            defaultValue: 0,
            description:
              'First, the newest so many kept messages of each device that is not named in `after`.',
          }),
          overflow: t.arg({
            type: types.overflowPolicy,
            description: "What a full queue does. Default: the gateway's policy.",
          }),
          maxQueued: t.arg.int({
            description:
              "How many messages wait for this subscription while its client does not read. Default, and at most: the gateway's queue size.",
          }),
          minIntervalMs: t.arg.int({
            defaultValue: 0,
            description:
              'At most one message of a device in so many milliseconds, always the newest; 0: all of them. Up to a day.',
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
              // What makes no sense to the broker makes none as an operation.
              throw error instanceof SubscribeError ? badUserInput(`${error.message}.`) : error;
            }
          });
        },
        resolve: (message: Delivery) => message,
      }),
      brokerStats: t.field({
        type: types.brokerStats,
        description: 'What the gateway does: now, and then again in each interval.',
        args: {
          intervalMs: t.arg.int({
            defaultValue: defaultStatsIntervalMs,
            description: 'Milliseconds from one to the next, from 100 to 3,600,000.',
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
