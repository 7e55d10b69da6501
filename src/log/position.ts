import type { DeviceMessage } from '../kernel/device-message.ts';

/** The place of a message among the messages of its device. */
export type Position = Pick<DeviceMessage, 'epoch' | 'sequence'>;

/** The last positions that a client has seen, as far as its transport knows them. */
export interface SeenPositions {
  /**
   * The position of a device as text. Undefined: the client has reported none. Null:
   * the client has seen messages, but nobody knows which.
   */
  of(deviceId: string): string | null | undefined;
}

/** A position as text: `<epoch>-<sequence>`, for example `m3k9x2-17`. Opaque to clients. */
export function formatPosition({ epoch, sequence }: Position): string {
  return `${epoch}-${sequence}`;
}

/** Parses a position; undefined when the text is not a valid one. */
export function parsePosition(text: string): Position | undefined {
  const match = /^([0-9a-z]{1,32})-(0|[1-9][0-9]{0,15})$/.exec(text);
  if (match === null) return undefined;
  const sequence = Number(match[2]);
  return Number.isSafeInteger(sequence) ? { epoch: match[1]!, sequence } : undefined;
}
