import type { Availability } from '../kernel/arrival.ts';
import type { DeviceMessage } from '../kernel/device-message.ts';

/** What is known about a device besides its messages. */
export interface DeviceRecord {
  readonly deviceId: string;
  /**
   * When its last non-retained message was received, in milliseconds since 1970 (UTC);
   * null when there was none.
   */
  readonly lastSeenAt: number | null;
  /**
   * Its place among the devices, in the order in which they were first heard. An
   * ordinal is never reused.
   */
  readonly ordinal: number;
  /** The epoch of its messages. */
  readonly epoch: string;
  /** The number of its last message. */
  readonly sequence: number;
  /** The last availability that was received on its topic of availability; null when there was none. */
  readonly availability: Availability | null;
}

/** The devices that were heard. */
export interface DeviceDirectory {
  /**
   * Whoever stores an ordinal MUST store this epoch with it: an ordinal of another
   * epoch has no meaning.
   */
  readonly epoch: string;
  /** How many devices were heard and not forgotten. */
  readonly devicesKnown: number;
  device(deviceId: string): DeviceRecord | undefined;
  /** The last message of a device; undefined when it is not kept, or was cleared. */
  lastMessage(deviceId: string): DeviceMessage | undefined;
  /** Up to `count` devices from this ordinal on, in the order in which they were first heard. */
  devices(fromOrdinal: number, count: number): readonly DeviceRecord[];
}
