import type { DeviceMessage } from '../src/kernel/device-message.ts';
import { formatPosition } from '../src/log/position.ts';
import type { Builder } from './builder.ts';

type Place = Pick<DeviceMessage, 'deviceId' | 'epoch' | 'sequence'>;

export function addCurrentPosition(builder: Builder) {
  return builder.objectRef<Place>('CurrentPosition').implement({
    description: 'The current position of a device.',
    fields: (t) => ({
      deviceId: t.exposeID('deviceId', { description: 'The device.' }),
      position: t.field({
        type: 'Position',
        description: 'The requested messages follow this position: pass it in `after`.',
        resolve: (place) => formatPosition(place),
      }),
      heard: t.boolean({
        description:
          'Whether the gateway has heard the device and has not forgotten it since. False means that the id is wrong, or that the device has not sent anything yet.',
        resolve: ({ deviceId }, _args, { log }) => log.device(deviceId) !== undefined,
      }),
    }),
  });
}

export type CurrentPositionRef = ReturnType<typeof addCurrentPosition>;
