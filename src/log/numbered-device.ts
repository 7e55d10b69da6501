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
  /** When anything was last read of it, retained or not, in milliseconds since 1970. */
  readAt = 0;
  sequence = 0;
  availability: Availability | null = null;
  /** Messages of a device come on one topic as a rule: they share its text. */
  topic = '';
  ring: MessageRing | null = null;
  /** Its last message was deleted at the MQTT broker. */
  isCleared = false;
  /** A message of it came at QoS 0. */
  isAtMostOnce = false;
  /** The newest interruption of the source when its last message came, whether it concerned the device or not. */
  knownInterruption = 0;
  /** As of its last message. */
  interruption = 0;
  interruptedAt = 0;

  constructor(deviceId: string, ordinal: number, epoch: string) {
    this.deviceId = deviceId;
    this.ordinal = ordinal;
    this.epoch = epoch;
  }
}
