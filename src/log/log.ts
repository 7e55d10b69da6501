import type { DeviceMessage } from '../device-message.ts';

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

/** What is known of a device besides its messages. */
export interface DeviceRecord {
  readonly deviceId: string;
  /** When its last message was received that was not retained, in milliseconds since 1970 (UTC); null when there was none. */
  readonly lastSeenAt: number | null;
  /** Its place among the devices, in the order in which they were first heard: no other device has had it, or gets it. */
  readonly ordinal: number;
  /** The epoch of its messages. */
  readonly epoch: string;
  /** The number of its last message. */
  readonly sequence: number;
  /** What was last heard of its availability on its own topic; null when nothing was. */
  readonly availability: Availability | null;
}

/** Somebody's word, the device's own or that of its last will, that it is there or is not. */
export interface Availability {
  readonly online: boolean;
  /** When that was heard, in milliseconds since 1970 (UTC). */
  readonly at: number;
  /** The MQTT broker had kept it: it may be of any age. */
  readonly retained: boolean;
}

/** What is still there of what was published. */
export interface History {
  /**
   * The epoch of a device's messages; of a device that is not known, the one that
   * it would get now. A position of another epoch says nothing about them.
   */
  epochOf(deviceId: string): string;
  /** The number of the last message of a device; 0 when it has sent none. */
  lastSequence(deviceId: string): number;
  /** The number of the oldest kept message of a device; one more than that of its last when none is kept. */
  oldestKept(deviceId: string): number;
  /** Kept messages of a device behind a number, the oldest first, `limit` at most. */
  readAfter(deviceId: string, sequence: number, limit: number): readonly DeviceMessage[];
  /** The number of the newest interruption of the source; 0: there was none. */
  readonly interruption: number;
  /**
   * The number of the newest interruption, up to this message, that may have cost
   * messages of its device. For the number behind the last one: up to now. For a
   * message that is not kept: lower than that of the next kept one when an
   * interruption lies between the two.
   */
  interruptionAt(deviceId: string, sequence: number): number;
}

/**
 * Gives each message its place, and keeps the newest ones for a while.
 *
 * - `append` MUST number the messages of one device and epoch 1, 2, 3 … without a
 *   hole, in the order of the calls, and MUST NOT throw.
 * - `append` MUST be called before the message is dispatched: a reader that
 *   registers for live messages first and reads the log second then misses none.
 * - What is kept of a device MUST be its newest messages, without a hole.
 * - An epoch MUST differ from those of any log before it.
 * - A full log MAY forget a device that is silent and that nobody watches, with all
 *   its messages. When it is heard again it MUST have an epoch that neither its
 *   messages nor any answer of `epochOf` for it have had before it was forgotten.
 */
export interface Log extends History {
  /** Differs from that of any log before it. What holds an ordinal holds it too. */
  readonly epoch: string;
  /** How many devices have been heard and not been forgotten. */
  readonly devicesKnown: number;
  /** How many devices were forgotten to make room. */
  readonly devicesForgotten: number;
  /** Whether it keeps messages at all. */
  readonly keeps: boolean;
  /** The memory that the kept messages take, in bytes. */
  readonly bytes: number;
  /** The message in its place, or undefined when its device is new and the log is full. */
  append(arrival: Arrival): DeviceMessage | undefined;
  /** Numbers a message that is neither kept nor delivered. False when there is no place for its device. */
  pass(notice: Notice): boolean;
  /**
   * Keeps a retained message as the last one of a device that has sent none yet,
   * with the number 0: no reader of messages gets it. False when there is no place for its device.
   */
  keepState(arrival: Arrival): boolean;
  /** The retained message of this topic was deleted: when the last message of the device is of that topic, it is the last no more. */
  clear(deviceId: string, topic: string): void;
  /** The source was interrupted: the next message of each device that this concerns may not follow its last one. */
  interrupt(concerned: Concerned): void;
  /** Takes notice of a device's availability. False when there is no place for it. */
  setAvailability(deviceId: string, availability: Availability): boolean;
  device(deviceId: string): DeviceRecord | undefined;
  /** The last message of a device; undefined when it is not kept, or was cleared. */
  lastMessage(deviceId: string): DeviceMessage | undefined;
  /** Devices in the order in which they were first heard, from this ordinal on, `count` at most. */
  devices(fromOrdinal: number, count: number): readonly DeviceRecord[];
}
