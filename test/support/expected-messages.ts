import type { RejectionReason } from '../../src/ingest/rejection.ts';
import { memberText } from './json-text.ts';
import type { Recorded } from './recordings.ts';

/** Where a case finds the device id of a message: in the topic, or at a path in the payload. */
export type DeviceIdPlace =
  | { readonly level: number }
  | { readonly path: readonly [string, ...string[]] };

export interface ExpectedMessages {
  /** The payloads' texts of each device, in their order. */
  readonly byDevice: ReadonlyMap<string, readonly string[]>;
  /** How many in all. */
  readonly total: number;
  readonly rejected: Partial<Record<RejectionReason, number>>;
}

/**
 * What the gateway has to make of recorded messages: the rules once more, by
 * trial and error instead of by the code under test.
 */
export function expectedMessages(
  recorded: readonly Recorded[],
  place: DeviceIdPlace,
): ExpectedMessages {
  const byDevice = new Map<string, string[]>();
  const rejected: Partial<Record<RejectionReason, number>> = {};
  let total = 0;
  const reject = (reason: RejectionReason): void => {
    rejected[reason] = (rejected[reason] ?? 0) + 1;
  };
  for (const { topic, payload } of recorded) {
    for (const text of textsOf(payload)) {
      if (typeof text !== 'string') {
        reject(text.reason);
        continue;
      }
      const id = 'level' in place ? topic.split('/')[place.level - 1] : idIn(text, place.path);
      if (id === undefined || id === '') {
        reject('NO_DEVICE_ID');
        continue;
      }
      const texts = byDevice.get(id) ?? [];
      texts.push(text);
      byDevice.set(id, texts);
      total += 1;
    }
  }
  return { byDevice, total, rejected };
}

/** The data of the plain stream for a payload of that device. */
export function expectedPlainData(deviceId: string, payload: string): string {
  const member = `"device_id":${JSON.stringify(deviceId)}`;
  const value: unknown = JSON.parse(payload);
  if (!isObject(value)) return `{${member},"value":${payload}}`;
  if (Object.keys(value).includes('device_id')) return payload;
  if (Object.keys(value).length === 0) return `{${member}}`;
  return payload.replace(/^\{\s*/, () => `{${member},`);
}

type Refused = { readonly reason: RejectionReason };

function textsOf(payload: Buffer): (string | Refused)[] {
  if (payload.length > 262_144) return [{ reason: 'TOO_LARGE' }];
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return [{ reason: 'INVALID_UTF8' }];
  }
  text = text.replaceAll(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
  if (text === '') return [{ reason: 'EMPTY' }];
  if (!isJson(text)) return linesOf(text) ?? [{ reason: 'NOT_JSON' }];
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) return [text];
  if (value.length === 0) return [{ reason: 'EMPTY' }];
  return value.every(isObject) ? elementsOf(text) : [text];
}

function linesOf(text: string): (string | Refused)[] | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.replaceAll(/^[ \t\r]+|[ \t\r]+$/g, ''))
    .filter((line) => line !== '');
  const first = lines[0]!;
  if (lines.length === 1 || !isJson(first) || !isObject(JSON.parse(first))) return undefined;
  return lines.map((line) => (isJson(line) ? line : { reason: 'NOT_JSON' }));
}

/** The texts of an array's objects: from each start, the shortest text that is JSON. */
function elementsOf(array: string): string[] {
  const elements: string[] = [];
  let start = array.indexOf('{');
  while (start !== -1) {
    let end = array.indexOf('}', start) + 1;
    while (!isJson(array.slice(start, end))) end = array.indexOf('}', end) + 1;
    elements.push(array.slice(start, end));
    start = array.indexOf('{', end);
  }
  return elements;
}

function idIn(text: string, path: readonly string[]): string | undefined {
  let value: unknown = JSON.parse(text);
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  if (typeof value === 'number') return memberText(text, ...path);
  return typeof value === 'string' ? value : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Being asked whether it is JSON, this is the answer.
    return false;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
