import type { DeviceMessage } from '../device-message.ts';

/** A message that has no place yet. */
export type Arrival = Pick<DeviceMessage, 'deviceId' | 'topic' | 'payload' | 'receivedAt'>;

/**
 * Gives each message its place.
 *
 * - `append` MUST number the messages of one device 1, 2, 3 … without a hole,
 *   in the order of the calls, and MUST NOT throw.
 * - `append` MUST be called before the message is dispatched: a reader that
 *   registers for live messages first and reads the log second then misses none.
 * - `epoch` MUST differ from that of any log before it: a position of another
 *   epoch says nothing about this one's messages.
 */
export interface Log {
  readonly epoch: string;
  /** How many devices have a message. */
  readonly devicesKnown: number;
  /** The message in its place, or undefined when its device is new and the log is full. */
  append(arrival: Arrival): DeviceMessage | undefined;
}
