/**
 * The one message that all rows carry: every number in it has a fixed width and a fixed place, so the
 * publisher patches digits in a prebuilt packet and the reader reads them back without parsing JSON.
 *
 *   {"d":1000042,"s":1000000123,"t":1000000600000000,"unit":"celsius","value":21.5,"note":"…"}
 *    device      sequence       stamp in microseconds
 *
 * Each number starts with a 1 of its own, since JSON allows no leading zeros and a row may parse and
 * print the payload again.
 */
export const deviceBase = 1_000_000;
const deviceDigits = 7;
const sequenceBase = 1_000_000_000;
const sequenceDigits = 10;
const stampBase = 1_000_000_000_000_000;
const half = 100_000_000;

/** Distances from the `"d":` that the reader finds. */
const deviceAt = 4;
const sequenceAt = deviceAt + deviceDigits + 5;
const stampAt = sequenceAt + sequenceDigits + 5;
export const stampedBytes = stampAt + 16;
export const marker = '"d":1';

export function deviceId(index: number): string {
  return `device-${deviceBase + index}`;
}

export function deviceTopic(index: number): string {
  return `devices/${deviceId(index)}/messages`;
}

export function messageTemplate(bytes: number): string {
  const head = `{"d":${deviceBase},"s":${sequenceBase},"t":${stampBase},"unit":"celsius","value":21.5,"note":"`;
  return `${head}${'x'.repeat(Math.max(0, bytes - head.length - 2))}"}`;
}

export interface MessageNumbers {
  device: number;
  sequence: number;
  stamp: number;
}

/** Writes the three numbers into a payload that starts at `at`. */
export function stampMessage(bytes: Buffer, at: number, numbers: MessageNumbers): void {
  const d = at + 1;
  writeDigits(bytes, d + deviceAt, deviceDigits, deviceBase + numbers.device);
  writeDigits(bytes, d + sequenceAt, sequenceDigits, sequenceBase + numbers.sequence);
  const stamp = stampBase + numbers.stamp;
  const high = Math.floor(stamp / half);
  writeDigits(bytes, d + stampAt, 8, high);
  writeDigits(bytes, d + stampAt + 8, 8, stamp - high * half);
}

/** Reads the three numbers behind the `"d":` at `at`; false when that is not where they are. */
export function readMessage(bytes: Buffer, at: number, into: MessageNumbers): boolean {
  if (bytes[at + sequenceAt - 3] !== 0x73 || bytes[at + stampAt - 3] !== 0x74) return false;
  into.device = readDigits(bytes, at + deviceAt, deviceDigits) - deviceBase;
  into.sequence = readDigits(bytes, at + sequenceAt, sequenceDigits) - sequenceBase;
  const high = readDigits(bytes, at + stampAt, 8);
  into.stamp = high * half + readDigits(bytes, at + stampAt + 8, 8) - stampBase;
  return true;
}

export function writeDigits(bytes: Buffer, at: number, width: number, value: number): void {
  let left = value;
  for (let i = at + width - 1; i >= at; i--) {
    const rest = Math.floor(left / 10);
    bytes[i] = 0x30 + left - rest * 10;
    left = rest;
  }
}

function readDigits(bytes: Buffer, at: number, width: number): number {
  let value = 0;
  for (let i = at; i < at + width; i++) value = value * 10 + bytes[i]! - 0x30;
  return value;
}
