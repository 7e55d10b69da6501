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
    description: 'Where a page stands among all pages.',
    fields: (t) => ({
      hasNextPage: t.boolean({
        description: 'Whether there are further ones.',
        resolve: ({ hasNext }) => hasNext,
      }),
      hasPreviousPage: t.boolean({
        description: 'Whether there are some before.',
        resolve: ({ hasPrevious }) => hasPrevious,
      }),
      startCursor: t.string({
        nullable: true,
        description: 'The cursor of the first; null when the page is empty.',
        resolve: ({ devices, epoch }) => cursorOf(epoch, devices[0]),
      }),
      endCursor: t.string({
        nullable: true,
        description: 'The cursor of the last, for `after`; null when the page is empty.',
        resolve: ({ devices, epoch }) => cursorOf(epoch, devices.at(-1)),
      }),
    }),
  });

  const deviceEdge = builder
    .objectRef<{ device: DeviceRecord; epoch: string }>('DeviceEdge')
    .implement({
      description: 'A device in its place.',
      fields: (t) => ({
        cursor: t.string({
          description: 'Its place, for `after`.',
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
      'Devices in the order in which they were first heard. One that was forgotten and is heard again stands at the end.',
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
        description: 'Where this page stands.',
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

/** Throws a GraphQLError for what no page can be. */
export function pageOf(
  log: DeviceDirectory,
  first: number,
  after: string | null | undefined,
): Page {
  if (first < 0 || first > maxDevices) {
    throw badUserInput(`first must be from 0 to ${maxDevices}; it is ${first}.`);
  }
  const from = after == null ? 0 : ordinalBehind(log, after);
  // One more, to see whether there is one.
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

/** A cursor holds the epoch too: after a restart the order is another one. */
function cursorOf(epoch: string, device: DeviceRecord | undefined): string | null {
  return device === undefined ? null : formatPosition({ epoch, sequence: device.ordinal });
}

function ordinalBehind(log: DeviceDirectory, cursor: string): number {
  const position = parsePosition(cursor);
  if (position === undefined) {
    throw badUserInput('after is no cursor: hand back the endCursor of the page before.');
  }
  if (position.epoch !== log.epoch) {
    throw badUserInput('after is of a time before the gateway was restarted: begin again.');
  }
  return position.sequence + 1;
}
