import type { DeviceMessage, Gap } from '../kernel/device-message.ts';

/**
 * The `data` of the plain stream: the payload as the device sent it. An object without
 * a `device_id` gets one, and any other value becomes the `value` of an object with a
 * `device_id`.
 */
export function plainData({ deviceId, payload }: DeviceMessage): string {
  const id = JSON.stringify(deviceId);
  if (!payload.startsWith('{')) return `{"device_id":${id},"value":${payload}}`;
  const object = JSON.parse(payload) as Record<string, unknown>;
  if (Object.hasOwn(object, 'device_id')) return payload;
  const rest = payload.slice(1).trimStart();
  return rest.startsWith('}') ? `{"device_id":${id}}` : `{"device_id":${id},${rest}`;
}

/** The `data` of a gap of the plain stream, which comes before the message that follows the gap. */
export function plainGapData({ deviceId }: DeviceMessage, { missed, reason }: Gap): string {
  return JSON.stringify({ device_id: deviceId, missed, reason });
}
