import type { DeviceMessage } from '../device-message.ts';

/** The place of a message: `<epoch>-<sequence>`, for example `m3k9x2-17`. Opaque to clients. */
export function formatPosition(message: Pick<DeviceMessage, 'epoch' | 'sequence'>): string {
  return `${message.epoch}-${message.sequence}`;
}

/** A position taken apart, or undefined when the text is none. */
export function parsePosition(text: string): { epoch: string; sequence: number } | undefined {
  const match = /^([0-9a-z]{1,32})-(0|[1-9][0-9]{0,15})$/.exec(text);
  if (match === null) return undefined;
  const sequence = Number(match[2]);
  return Number.isSafeInteger(sequence) ? { epoch: match[1]!, sequence } : undefined;
}
