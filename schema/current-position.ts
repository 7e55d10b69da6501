import type { DeviceMessage } from '../src/kernel/device-message.ts';
import { formatPosition } from '../src/log/position.ts';
import type { Builder } from './builder.ts';

type Place = Pick<DeviceMessage, 'deviceId' | 'epoch' | 'sequence'>;

export function addCurrentPosition(builder: Builder) {
  return builder.objectRef<Place>('CurrentPosition').implement({
    description: 'Where the messages of a device stand now.',
    fields: (t) => ({
      deviceId: t.exposeID('deviceId', { description: 'The device.' }),
      position: t.field({
        type: 'Position',
        description: 'Behind it come the messages that were asked for: hand it back in `after`.',
        resolve: (place) => formatPosition(place),
      }),
      heard: t.boolean({
        description:
          'Whether the gateway has heard the device, and has not forgotten it since. False may be a wrong id, or a device that is still to come.',
        resolve: ({ deviceId }, _args, { log }) => log.device(deviceId) !== undefined,
      }),
    }),
  });
}

export type CurrentPositionRef = ReturnType<typeof addCurrentPosition>;
