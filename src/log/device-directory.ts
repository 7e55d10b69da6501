import type { Availability } from '../kernel/arrival.ts';
import type { DeviceMessage } from '../kernel/device-message.ts';

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

/** The devices that were heard. */
export interface DeviceDirectory {
  /** What holds an ordinal holds this epoch too: an ordinal of another epoch says nothing. */
  readonly epoch: string;
  /** How many devices have been heard and not been forgotten. */
  readonly devicesKnown: number;
  device(deviceId: string): DeviceRecord | undefined;
  /** The last message of a device; undefined when it is not kept, or was cleared. */
  lastMessage(deviceId: string): DeviceMessage | undefined;
  /** Devices in the order in which they were first heard, from this ordinal on, `count` at most. */
  devices(fromOrdinal: number, count: number): readonly DeviceRecord[];
}
