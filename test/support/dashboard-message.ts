import type { DeviceMessage } from '../../client/index.ts';

let sequence = 0;

/** A message as the dashboard's client takes it in, a second behind the one before. */
export function dashboardMessage(
  payload: unknown,
  { deviceId = 'a', gap = null, ...rest }: Partial<DeviceMessage> = {},
): DeviceMessage {
  sequence += 1;
  return {
    deviceId,
    topic: `devices/${deviceId}/messages`,
    payload,
    receivedAt: new Date(1_750_000_000_000 + sequence * 1_000).toISOString(),
    retained: false,
    position: `epoch-${sequence}`,
    gap,
    ...rest,
  };
}
