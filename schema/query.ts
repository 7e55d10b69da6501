import { sequenceBefore } from '../src/broker/places.ts';
import { whenOpen } from '../src/log/history.ts';
import type { BrokerStatsRef } from './broker-stats.ts';
import type { Builder } from './builder.ts';
import type { CurrentPositionRef } from './current-position.ts';
import { distinctDeviceIds } from './device-ids.ts';
import type { DeviceRef } from './device.ts';
import { pageOf, type DeviceConnectionRef } from './device-connection.ts';
import { badUserInput } from './errors.ts';

const defaultDevices = 100;

/** What the fields of `Query` answer with. */
export interface QueryTypes {
  readonly brokerStats: BrokerStatsRef;
  readonly currentPosition: CurrentPositionRef;
  readonly device: DeviceRef;
  readonly deviceConnection: DeviceConnectionRef;
}

export function addQuery(builder: Builder, types: QueryTypes): void {
  builder.queryType({
    description: 'Operations with a single answer.',
    // All fields are nullable: a wrong argument of one must not remove the answers of the others.
    fields: (t) => ({
      brokerStats: t.field({
        type: types.brokerStats,
        nullable: true,
        description: 'The metrics of the gateway at this moment; null only with an error.',
        resolve: (_root, _args, context) => context.stats(),
      }),
      currentPositions: t.field({
        type: [types.currentPosition],
        nullable: true,
        description:
          'The current positions of some devices, including devices that were never heard: for a client that must miss nothing from this moment on, even when it is disconnected before the first message. Null only with an error.',
        args: {
          deviceIds: t.arg.idList({
            required: true,
            description: 'The devices: at least one; duplicates are removed.',
          }),
          replay: t.arg.int({
            defaultValue: 0,
            description:
              'How many of the newest kept messages of each device follow the position before new ones.',
          }),
        },
        resolve(_root, args, { log, limits, budget }) {
          const replay = args.replay ?? 0;
          if (replay < 0) {
            throw badUserInput(`replay must be a whole number from 0 on; it is ${replay}.`);
          }
          if (!budget.admitsValues(args.deviceIds.length)) return [];
          const deviceIds = distinctDeviceIds(args.deviceIds, limits);
          if (!budget.admitsPositions(deviceIds.length, limits.maxDeviceIds)) return [];
          return whenOpen(log, deviceIds, () =>
            deviceIds.map((deviceId) => ({
              deviceId,
              epoch: log.epochOf(deviceId),
              sequence: sequenceBefore(deviceId, replay, log),
            })),
          );
        },
      }),
      device: t.field({
        type: types.device,
        nullable: true,
        description: 'A device; null when the gateway has never heard it.',
        args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
        resolve: (_root, { id }, { log }) => log.device(id),
      }),
      devices: t.field({
        type: types.deviceConnection,
        nullable: true,
        description: 'The devices that the gateway has heard; null only with an error.',
        args: {
          first: t.arg.int({
            defaultValue: defaultDevices,
            description: 'How many devices, up to 1,000.',
          }),
          after: t.arg.string({ description: 'Only devices after this cursor.' }),
        },
        resolve: (_root, { first, after }, { log }) => pageOf(log, first ?? defaultDevices, after),
      }),
    }),
  });
}
