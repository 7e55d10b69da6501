import type { DeviceDirectory } from './device-directory.ts';
import type { History } from './history.ts';
import type { Numbering } from './numbering.ts';

/** The read-only part of a log, for resolvers and transports. */
export interface ReadableLog extends History, DeviceDirectory {}

/** Numbers messages, keeps the newest ones for some time, and knows the devices. */
export interface Log extends Numbering, ReadableLog {
  /** How many devices were forgotten to make room. */
  readonly devicesForgotten: number;
  /** Whether it keeps any messages. */
  readonly keeps: boolean;
  /** The memory that the kept messages take, in bytes. */
  readonly bytes: number;
}
