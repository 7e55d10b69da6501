import type { Arrival, Availability, Concerned, Notice } from '../kernel/arrival.ts';
import type { DeviceMessage } from '../kernel/device-message.ts';

/**
 * Gives each message its place. Every call is synchronous, in the order in which the
 * MQTT broker delivered the messages.
 *
 * - `append` MUST number the messages of one device and epoch 1, 2, 3 … without a hole,
 *   in the order of the calls, and MUST NOT throw.
 * - `append` MUST be called before the message is dispatched: a reader that first
 *   registers for live messages and then reads the history misses none.
 * - An epoch MUST differ from those of every earlier numbering.
 * - When it is full, a numbering MAY forget a silent device that nobody watches, with
 *   all its messages. When the device is heard again, it MUST have an epoch that
 *   neither its messages nor any answer of `History.epochOf` for it had before it was
 *   forgotten.
 */
export interface Numbering {
  /** Returns the numbered message, or undefined when its device is new and there is no room for it. */
  append(arrival: Arrival): DeviceMessage | undefined;
  /** Numbers a message that is neither kept nor delivered. False when there is no room for its device. */
  skip(notice: Notice): boolean;
  /**
   * Keeps a retained message as the last one of a device that has sent none yet, with
   * the number 0: it is not delivered to readers of messages. False when there is no
   * room for its device.
   */
  keepState(arrival: Arrival): boolean;
  /**
   * The retained message of this topic was deleted. If the last message of the device
   * came on that topic, the device has no last message any more.
   */
  clear(deviceId: string, topic: string): void;
  /**
   * The source was interrupted: the next message of each affected device may not
   * directly follow its last one.
   */
  interrupt(concerned: Concerned): void;
  /** Records a device's availability. False when there is no room for the device. */
  setAvailability(deviceId: string, availability: Availability): boolean;
}
