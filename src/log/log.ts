import type { DeviceMessage } from '../device-message.ts';

/** A message that has no place yet. */
export interface Arrival extends Pick<
  DeviceMessage,
  'deviceId' | 'topic' | 'payload' | 'receivedAt'
> {
  /** The memory that the payload's text takes, in bytes. */
  readonly payloadBytes: number;
}

/** What is known of a device besides its messages. */
export interface DeviceRecord {
  readonly deviceId: string;
  /** When its last message was received, in milliseconds since 1970 (UTC); null when nothing but its availability was heard. */
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
  pass(deviceId: string, receivedAt: number): boolean;
  /** Takes notice of a device's availability. False when there is no place for it. */
  setAvailability(deviceId: string, availability: Availability): boolean;
  device(deviceId: string): DeviceRecord | undefined;
  /** Devices in the order in which they were first heard, from this ordinal on, `count` at most. */
  devices(fromOrdinal: number, count: number): readonly DeviceRecord[];
}
