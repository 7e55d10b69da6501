import { isAscii, isUtf8 } from 'node:buffer';
import type { RejectionReason } from '../kernel/rejection.ts';
import { countObjects, splitArray } from './split-array.ts';

const newline = 0x0a;

/** One message of a payload: its JSON text, exactly as it was sent, and what it parses to. */
export interface JsonDocument {
  readonly ok: true;
  readonly text: string;
  /** The memory that the text takes, in bytes. */
  readonly bytes: number;
  readonly value: unknown;
}
export interface Rejection {
  readonly ok: false;
  readonly reason: RejectionReason;
}
export type Decoded = JsonDocument | Rejection;

export interface PayloadLimits {
  readonly maxPayloadBytes: number;
  /** A payload of more messages is rejected as a whole, before any of them is built. */
  readonly maxMessagesPerPayload: number;
}

/**
 * The messages in the bytes of one MQTT payload, in their order. Never throws.
 *
 * A payload is one JSON value; or an array of JSON objects, of which each is a
 * message by itself (an array that holds anything else, `[1.5,2.5]`, is one
 * value); or newline-delimited JSON, whose first line is an object: there a bad
 * line is rejected without the others.
 */
export function decodePayload(bytes: Uint8Array, limits: PayloadLimits): readonly Decoded[] {
  const { maxPayloadBytes, maxMessagesPerPayload } = limits;
  if (bytes.byteLength > maxPayloadBytes) return [{ ok: false, reason: 'TOO_LARGE' }];
  if (!isUtf8(bytes)) return [{ ok: false, reason: 'INVALID_UTF8' }];
  // A byte per character is the cheaper copy, and half the memory once it is kept.
  const ascii = isAscii(bytes);
  const text = trimJson(stringOf(bytes, ascii));
  if (text === '') return [{ ok: false, reason: 'EMPTY' }];
  if (hasMoreObjects(text, maxMessagesPerPayload)) return [tooManyMessages];
  const document = parse(text, ascii);
  if (!document.ok) return decodeLines(text, ascii, maxMessagesPerPayload) ?? [document];
  if (!Array.isArray(document.value)) return [document];
  const elements: readonly unknown[] = document.value;
  if (elements.length === 0) return [{ ok: false, reason: 'EMPTY' }];
  if (!elements.every(isObject)) return [document];
  return splitArray(text).map((part, i) => ({
    ok: true,
    text: alone(part),
    bytes: bytesOf(part, ascii),
    value: elements[i],
  }));
}

const tooManyMessages: Rejection = { ok: false, reason: 'TOO_MANY_MESSAGES' };

/** Whether the text is an array of more objects than that. */
function hasMoreObjects(text: string, count: number): boolean {
  // An object and its comma take three characters at least: most arrays are too short to be looked into.
  return text.startsWith('[') && text.length > 3 * count && countObjects(text) > count;
}

function stringOf(bytes: Uint8Array, ascii: boolean): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return ascii ? buffer.toString('latin1') : buffer.toString('utf8');
}

function bytesOf(text: string, ascii: boolean): number {
  return ascii ? text.length : text.length * 2;
}

/** The text in memory of its own: a piece of a string keeps the whole of it for as long as the piece is kept. */
function alone(piece: string): string {
  return Buffer.from(piece).toString();
}

/** Less the white space of JSON around it, and a byte order mark, which RFC 8259 lets a parser ignore. */
function trimJson(text: string): string {
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end -= 1;
  return start === 0 && end === text.length ? text : alone(text.slice(start, end));
}

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === newline || code === 0x0d || code === 0x09;
}

function parse(text: string, ascii: boolean): Decoded {
  try {
    return { ok: true, text, bytes: bytesOf(text, ascii), value: JSON.parse(text) };
  } catch {
    // Failing is expected here: what is not JSON is the caller's answer, not an exception.
    return { ok: false, reason: 'NOT_JSON' };
  }
}

/** The lines of newline-delimited JSON, or undefined when the text is none. */
function decodeLines(
  text: string,
  ascii: boolean,
  maxMessages: number,
): readonly Decoded[] | undefined {
  const firstEnd = text.indexOf('\n');
  if (firstEnd === -1 || !text.startsWith('{')) return undefined;
  const decode = (line: string): Decoded => parse(alone(line), ascii);
  const first = decode(trimJson(text.slice(0, firstEnd)));
  if (!first.ok) return undefined;
  if (countLines(text) > maxMessages) return [tooManyMessages];
  const others = text
    .slice(firstEnd)
    .split('\n')
    .map(trimJson)
    .filter((line) => line !== '');
  return [first, ...others.map(decode)];
}

/** How many lines are not blank. */
function countLines(text: string): number {
  let count = 0;
  let blank = true;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === newline) {
      blank = true;
    } else if (blank && !isWhiteSpace(code)) {
      blank = false;
      count += 1;
    }
  }
  return count;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
