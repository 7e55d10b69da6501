import type { DeviceMessage } from './device-message.ts';

/** A message that has no number yet. */
export interface Arrival extends Pick<
  DeviceMessage,
  'deviceId' | 'topic' | 'payload' | 'receivedAt' | 'retained'
> {
  /** The memory that the payload's text takes, in bytes. */
  readonly payloadBytes: number;
  /** Whether it came at QoS 0: no MQTT session keeps such messages while the gateway is away. */
  readonly atMostOnce: boolean;
}

/** A message that is numbered and not kept. */
export type Notice = Pick<Arrival, 'deviceId' | 'receivedAt' | 'retained' | 'atMostOnce'>;

/**
 * The devices of which an interruption of the source may have lost messages: all, or
 * those that send at QoS 0.
 */
export type Concerned = 'all' | 'at-most-once';

/** A report that a device is online or offline, sent by the device itself or by its last will. */
export interface Availability {
  readonly online: boolean;
  /** When the report was received, in milliseconds since 1970 (UTC). */
  readonly at: number;
  /** Whether the MQTT broker had kept the report: it may be of any age. */
  readonly retained: boolean;
}
