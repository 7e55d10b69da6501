import type { DeviceDirectory, DeviceRecord } from '../src/log/device-directory.ts';
import { formatPosition, parsePosition } from '../src/log/position.ts';
import type { Builder } from './builder.ts';
import type { DeviceRef } from './device.ts';
import { badUserInput } from './errors.ts';

interface Page {
  readonly devices: readonly DeviceRecord[];
  readonly epoch: string;
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
  readonly total: number;
}

const maxDevices = 1_000;

export function addDeviceConnection(builder: Builder, device: DeviceRef) {
  const pageInfo = builder.objectRef<Page>('PageInfo').implement({
    description: 'The place of a page among all pages.',
    fields: (t) => ({
      hasNextPage: t.boolean({
        description: 'Whether there are devices after this page.',
        resolve: ({ hasNext }) => hasNext,
      }),
      hasPreviousPage: t.boolean({
        description: 'Whether there are devices before this page.',
        resolve: ({ hasPrevious }) => hasPrevious,
      }),
      startCursor: t.string({
        nullable: true,
        description: 'The cursor of the first device; null when the page is empty.',
        resolve: ({ devices, epoch }) => cursorOf(epoch, devices[0]),
      }),
      endCursor: t.string({
        nullable: true,
        description: 'The cursor of the last device, for `after`; null when the page is empty.',
        resolve: ({ devices, epoch }) => cursorOf(epoch, devices.at(-1)),
      }),
    }),
  });

  const deviceEdge = builder
    .objectRef<{ device: DeviceRecord; epoch: string }>('DeviceEdge')
    .implement({
      description: 'A device with its cursor.',
      fields: (t) => ({
        cursor: t.string({
          description: 'The place of the device, for `after`.',
          resolve: (edge) => cursorOf(edge.epoch, edge.device)!,
        }),
        node: t.field({
          type: device,
          description: 'The device.',
          resolve: (edge) => edge.device,
        }),
      }),
    });

  return builder.objectRef<Page>('DeviceConnection').implement({
    description:
      'Devices in the order in which they were first heard. A device that was forgotten and is heard again is placed at the end.',
    fields: (t) => ({
      edges: t.field({
        type: [deviceEdge],
        description: 'The devices with their cursors.',
        resolve: ({ devices, epoch }, _args, { budget }, info) =>
          budget.admits(devices.length, info)
            ? devices.map((each) => ({ device: each, epoch }))
            : [],
      }),
      nodes: t.field({
        type: [device],
        description: 'The devices.',
        resolve: ({ devices }, _args, { budget }, info) =>
          budget.admits(devices.length, info) ? devices : [],
      }),
      pageInfo: t.field({
        type: pageInfo,
        description: 'The place of this page among all pages.',
        resolve: (page) => page,
      }),
      totalCount: t.int({
        description: 'How many devices there are in all.',
        resolve: ({ total }) => total,
      }),
    }),
  });
}

export type DeviceConnectionRef = ReturnType<typeof addDeviceConnection>;

/** Reads one page of devices. Throws a GraphQLError for invalid arguments. */
export function pageOf(
  log: DeviceDirectory,
  first: number,
  after: string | null | undefined,
): Page {
  if (first < 0 || first > maxDevices) {
    throw badUserInput(`first must be from 0 to ${maxDevices}; it is ${first}.`);
  }
  const from = after == null ? 0 : ordinalBehind(log, after);
  // One more than requested, to see whether there is a next page.
  const devices = log.devices(from, first + 1);
  const [oldest] = log.devices(0, 1);
  return {
    devices: devices.slice(0, first),
    epoch: log.epoch,
    hasPrevious: oldest !== undefined && oldest.ordinal < from,
    hasNext: devices.length > first,
    total: log.devicesKnown,
  };
}

/** A cursor contains the epoch too: after a restart the order is different. */
function cursorOf(epoch: string, device: DeviceRecord | undefined): string | null {
  return device === undefined ? null : formatPosition({ epoch, sequence: device.ordinal });
}

function ordinalBehind(log: DeviceDirectory, cursor: string): number {
  const position = parsePosition(cursor);
  if (position === undefined) {
    throw badUserInput('after is not a valid cursor: pass the endCursor of the previous page.');
  }
  if (position.epoch !== log.epoch) {
    throw badUserInput(
      'after is a cursor from before the gateway was restarted: start again from the first page.',
    );
  }
  return position.sequence + 1;
}
