import { BrokerStats } from './broker-stats.ts';
import { builder } from './builder.ts';
import { Device } from './device.ts';
import { DeviceConnection, pageOf } from './device-connection.ts';

const defaultDevices = 100;

builder.queryType({
  description: 'What can be asked once.',
  fields: (t) => ({
    brokerStats: t.field({
      type: BrokerStats,
      description: 'What the gateway does at this moment.',
      resolve: (_root, _args, context) => context.stats(),
    }),
    device: t.field({
      type: Device,
      nullable: true,
      description: 'A device; null when the gateway has never heard it.',
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      resolve: (_root, { id }, { log }) => log.device(id),
    }),
    devices: t.field({
      type: DeviceConnection,
      description: 'The devices that the gateway has heard.',
      args: {
        first: t.arg.int({
          defaultValue: defaultDevices,
          description: 'How many, up to 1,000.',
        }),
        after: t.arg.string({ description: 'Those behind this cursor.' }),
      },
      resolve: (_root, { first, after }, { log }) => pageOf(log, first ?? defaultDevices, after),
    }),
  }),
});
