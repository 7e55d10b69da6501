import type { DeviceMessage } from '../kernel/device-message.ts';

/** The place of a message among those of its device. */
export type Position = Pick<DeviceMessage, 'epoch' | 'sequence'>;

/** The positions at which a client left its devices, as far as its transport knows them. */
export interface SeenPositions {
  /**
   * The position of a device as text; undefined where the client has told none.
   * Null: the client has seen messages, and nobody knows which.
   */
  of(deviceId: string): string | null | undefined;
}

/** A position as text: `<epoch>-<sequence>`, for example `m3k9x2-17`. Opaque to clients. */
export function formatPosition({ epoch, sequence }: Position): string {
  return `${epoch}-${sequence}`;
}

/** A position taken apart, or undefined when the text is none. */
export function parsePosition(text: string): Position | undefined {
  const match = /^([0-9a-z]{1,32})-(0|[1-9][0-9]{0,15})$/.exec(text);
  if (match === null) return undefined;
  const sequence = Number(match[2]);
  return Number.isSafeInteger(sequence) ? { epoch: match[1]!, sequence } : undefined;
}
