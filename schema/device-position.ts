import type { Builder } from './builder.ts';

export function addDevicePosition(builder: Builder) {
  return builder.inputType('DevicePosition', {
    description: 'The position of the last message of a device that a client has seen.',
    fields: (t) => ({
      deviceId: t.id({ required: true, description: 'The device; one of `deviceIds`.' }),
      position: t.field({
        type: 'Position',
        required: true,
        description: 'The `position` of that message.',
      }),
    }),
  });
}

export type DevicePositionRef = ReturnType<typeof addDevicePosition>;
