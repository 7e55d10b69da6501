import type { Delivery } from '../src/broker/subscription.ts';
import { RawJson } from '../src/kernel/raw-json.ts';
import { formatPosition } from '../src/log/position.ts';
import type { Builder } from './builder.ts';
import type { GapRef } from './gap.ts';

export function addDeviceMessage(builder: Builder, gap: GapRef) {
  return builder.objectRef<Delivery>('DeviceMessage').implement({
    description: 'One message that a device sent.',
    fields: (t) => ({
      deviceId: t.exposeID('deviceId', { description: 'The device that sent it.' }),
      topic: t.exposeString('topic', { description: 'The MQTT topic on which it arrived.' }),
      payload: t.field({
        type: 'JSON',
        nullable: true,
        description:
          'The JSON value that the device sent, with all digits of its numbers; null when the device sent the JSON value `null`.',
        resolve: (message) => new RawJson(message.payload),
      }),
      receivedAt: t.field({
        type: 'DateTime',
        description:
          'When the gateway received it. For a retained message: when the gateway read it from the MQTT broker, not when it was published.',
        resolve: (message) => message.receivedAt,
      }),
      retained: t.exposeBoolean('retained', {
        description:
          'Whether the MQTT broker had kept it and sent it when the gateway subscribed: it may be of any age.',
      }),
      position: t.field({
        type: 'Position',
        description: 'Its place among the messages of its device: pass it in `after` to resume.',
        resolve: (message) => formatPosition(message),
      }),
      gap: t.field({
        type: gap,
        nullable: true,
        description:
          'What this subscription missed of this device directly before this message; null when it missed nothing.',
        resolve: (message) => message.gap ?? null,
      }),
    }),
  });
}

export type DeviceMessageRef = ReturnType<typeof addDeviceMessage>;
