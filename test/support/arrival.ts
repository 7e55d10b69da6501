import type { Arrival } from '../../src/kernel/arrival.ts';

/** What comes of a device: at QoS 1, not retained, unless it is said otherwise. */
export function arrivalOf(deviceId: string, given: Partial<Arrival> = {}): Arrival {
  const { payload = '{}' } = given;
  return {
    deviceId,
    topic: `devices/${deviceId}/messages`,
    payload,
    payloadBytes: payload.length,
    receivedAt: 0,
    retained: false,
    atMostOnce: false,
    ...given,
  };
}
