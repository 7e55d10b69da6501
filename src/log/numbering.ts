import type { Arrival, Availability, Concerned, Notice } from '../kernel/arrival.ts';
import type { DeviceMessage } from '../kernel/device-message.ts';

/**
 * Gives each message its place. Every call is synchronous, in the order in which
 * the MQTT broker handed the messages over.
 *
 * - `append` MUST number the messages of one device and epoch 1, 2, 3 … without a
 *   hole, in the order of the calls, and MUST NOT throw.
 * - `append` MUST be called before the message is dispatched: a reader that
 *   registers for live messages first and reads the history second then misses none.
 * - An epoch MUST differ from those of any numbering before it.
 * - A full numbering MAY forget a device that is silent and that nobody watches, with
 *   all its messages. When it is heard again it MUST have an epoch that neither its
 *   messages nor any answer of `History.epochOf` for it have had before it was forgotten.
 */
export interface Numbering {
  /** The message in its place, or undefined when its device is new and there is no room for it. */
  append(arrival: Arrival): DeviceMessage | undefined;
  /** Numbers a message that is neither kept nor delivered. False when there is no room for its device. */
  skip(notice: Notice): boolean;
  /**
   * Keeps a retained message as the last one of a device that has sent none yet,
   * with the number 0: no reader of messages gets it. False when there is no room for its device.
   */
  keepState(arrival: Arrival): boolean;
  /** The retained message of this topic was deleted: when the last message of the device is of that topic, it is the last no more. */
  clear(deviceId: string, topic: string): void;
  /** The source was interrupted: the next message of each device that this concerns may not follow its last one. */
  interrupt(concerned: Concerned): void;
  /** Takes notice of a device's availability. False when there is no room for it. */
  setAvailability(deviceId: string, availability: Availability): boolean;
}
