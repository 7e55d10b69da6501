import type { ExecutionResult, FormattedExecutionResult } from 'graphql';
import { RawJson } from './raw-json.ts';

/** The JSON text of a result, in which the text of each `RawJson` stands as it is. */
export function resultText(result: ExecutionResult | FormattedExecutionResult): string {
  return jsonText(result) ?? 'null';
}

/** As `JSON.stringify` does it, undefined for what JSON leaves out included. */
function jsonText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'object':
      return value === null ? 'null' : objectText(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
    case 'function':
    case 'symbol':
    case 'undefined':
      return undefined;
  }
}

/** Names of fields recur with every message. Those of extensions are few; there is a bound all the same. */
const nameTexts = new Map<string, string>();
const maxNames = 1_000;

function nameText(name: string): string {
  const known = nameTexts.get(name);
  if (known !== undefined) return known;
  const text = `${JSON.stringify(name)}:`;
  if (nameTexts.size < maxNames) nameTexts.set(name, text);
  return text;
}

let lastTime = Number.NaN;
let lastDateText = '';

/** Messages come many in a millisecond. An ISO date needs no escaping; an invalid one is null. */
function dateText(date: Date): string {
  const time = date.getTime();
  if (time !== lastTime) {
    lastDateText = Number.isNaN(time) ? 'null' : `"${date.toISOString()}"`;
    lastTime = time;
  }
  return lastDateText;
}

function objectText(value: object): string | undefined {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) {
    return `[${value.map((item: unknown) => jsonText(item) ?? 'null').join(',')}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  // graphql-js gives objects of no prototype, graphql-jit plain ones: neither shows itself as anything else.
  if (prototype === null || prototype === Object.prototype) {
    if (!Object.hasOwn(value, 'toJSON')) return membersText(value);
  } else if (value instanceof Date) return dateText(value);
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const shown = (value.toJSON as () => unknown)();
    // What it shows is not asked for another toJSON.
    return isObject(shown) ? membersText(shown) : jsonText(shown);
  }
  return membersText(value);
}

/** Neither null nor a value with a text of its own. */
function isObject(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof RawJson)
  );
}

function membersText(value: object): string {
  let members = '';
  for (const key in value) {
    const text = jsonText((value as Record<string, unknown>)[key]);
    if (text === undefined) continue;
    members += members === '' ? nameText(key) + text : `,${nameText(key)}${text}`;
  }
  return `{${members}}`;
}
