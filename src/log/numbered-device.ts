import type { Availability } from '../kernel/arrival.ts';
import type { DeviceRecord } from './device-directory.ts';
import type { RingOwner } from './kept-messages.ts';
import type { MessageRing } from './message-ring.ts';

/** What the memory log knows of one device. */
export class NumberedDevice implements DeviceRecord, RingOwner {
  readonly deviceId: string;
  readonly ordinal: number;
  readonly epoch: string;
  lastSeenAt: number | null = null;
  /** When the last message or availability was read, retained or not, in milliseconds since 1970. */
  readAt = 0;
  sequence = 0;
  availability: Availability | null = null;
  /** The topic of its last message. Most devices use one topic: their messages share this string. */
  topic = '';
  ring: MessageRing | null = null;
  /** Whether its last message was deleted at the MQTT broker. */
  isCleared = false;
  /** Whether one of its messages came at QoS 0. */
  isAtMostOnce = false;
  /**
   * The newest interruption of the source when its last message came, whether it
   * affected the device or not.
   */
  knownInterruption = 0;
  /** The interruption that is written into its messages, as of the last one. */
  interruption = 0;
  interruptedAt = 0;

  constructor(deviceId: string, ordinal: number, epoch: string) {
    this.deviceId = deviceId;
    this.ordinal = ordinal;
    this.epoch = epoch;
  }
}
