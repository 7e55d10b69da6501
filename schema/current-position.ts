import type { DeviceMessage } from '../src/kernel/device-message.ts';
import { formatPosition } from '../src/log/position.ts';
import { builder } from './builder.ts';

type Place = Pick<DeviceMessage, 'deviceId' | 'epoch' | 'sequence'>;

export const CurrentPosition = builder.objectRef<Place>('CurrentPosition').implement({
  description: 'Where the messages of a device stand now.',
  fields: (t) => ({
    deviceId: t.exposeID('deviceId', { description: 'The device.' }),
    position: t.field({
      type: 'Position',
      description: 'Behind it come the messages that were asked for: hand it back in `after`.',
      resolve: (place) => formatPosition(place),
    }),
  }),
});
