import type { JsonDocument } from './decode-payload.ts';

/** A JSON pointer (RFC 6901) taken apart: `/a~1b/0` is `['a/b', '0']`. */
export type JsonPointer = readonly string[];

/** Throws a TypeError that says what is wrong with it. */
export function parseJsonPointer(text: string): JsonPointer {
  if (!text.startsWith('/')) {
    throw new TypeError(
      `a JSON pointer begins with "/", for example "/device_id"; it is "${text}"`,
    );
  }
  if (/~(?![01])/.test(text)) {
    throw new TypeError(`in a JSON pointer "~" stands as "~0" and "/" as "~1"; it is "${text}"`);
  }
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * The device id that the pointer finds: a string, or a number as it was
 * written. Undefined when there is nothing, or anything else.
 */
export function deviceIdAt(pointer: JsonPointer, document: JsonDocument): string | undefined {
  const found = valueAt(pointer, document.value);
  if (typeof found === 'string') return found;
  if (typeof found !== 'number') return undefined;
  // 12345678901234567890 has lost its last digits by now: its text has them.
  return Number.isSafeInteger(found) ? String(found) : numberTextAt(pointer, document.text);
}

function valueAt(pointer: JsonPointer, value: unknown): unknown {
  let found = value;
  for (const token of pointer) {
    if (typeof found !== 'object' || found === null || !isMember(found, token)) return undefined;
    found = (found as Record<string, unknown>)[token];
  }
  return found;
}

/** `length` is a property of an array, and no member of its JSON. */
function isMember(value: object, token: string): boolean {
  return Object.prototype.propertyIsEnumerable.call(value, token);
}

function numberTextAt(pointer: JsonPointer, text: string): string | undefined {
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ) => unknown;
  let document: unknown;
  try {
    document = parse(text, (_key, value, { source }) =>
      typeof value === 'number' ? source : value,
    );
  } catch {
    // With a reviver the parser recurses, and a payload nested some thousand levels deep
    // is too much for the stack: a number in it that has lost digits is no id.
    return undefined;
  }
  const found = valueAt(pointer, document);
  return typeof found === 'string' ? found : undefined;
}
