import type { DeviceMessage } from './device-message.ts';

/** A message that has no place yet. */
export interface Arrival extends Pick<
  DeviceMessage,
  'deviceId' | 'topic' | 'payload' | 'receivedAt' | 'retained'
> {
  /** The memory that the payload's text takes, in bytes. */
  readonly payloadBytes: number;
  /** It came at QoS 0: no MQTT session keeps such messages while the gateway is away. */
  readonly atMostOnce: boolean;
}

/** A message of which nothing is kept. */
export type Notice = Pick<Arrival, 'deviceId' | 'receivedAt' | 'retained' | 'atMostOnce'>;

/** Of which devices an interruption of the source may have cost messages: of all, or of those that send at QoS 0. */
export type Concerned = 'all' | 'at-most-once';

/** Somebody's word, the device's own or that of its last will, that it is there or is not. */
export interface Availability {
  readonly online: boolean;
  /** When that was heard, in milliseconds since 1970 (UTC). */
  readonly at: number;
  /** The MQTT broker had kept it: it may be of any age. */
  readonly retained: boolean;
}
