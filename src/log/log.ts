import type { DeviceDirectory } from './device-directory.ts';
import type { History } from './history.ts';
import type { Numbering } from './numbering.ts';

/** What readers see of a log: resolvers and transports number nothing. */
export interface ReadableLog extends History, DeviceDirectory {}

/** Numbers messages, keeps the newest ones for a while, and knows the devices. */
export interface Log extends Numbering, ReadableLog {
  /** How many devices were forgotten to make room. */
  readonly devicesForgotten: number;
  /** Whether it keeps messages at all. */
  readonly keeps: boolean;
  /** The memory that the kept messages take, in bytes. */
  readonly bytes: number;
}
