import {
  isInterfaceType,
  isObjectType,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { RawJson } from '../kernel/raw-json.ts';

/** The text of a result would be longer than allowed. */
export class ResultTooLong extends Error {}

/** How many characters may still be written. Printing is synchronous, so one variable is enough. */
let charactersLeft = Number.POSITIVE_INFINITY;

/**
 * The JSON text of a result, with the text of each `RawJson` unchanged. Throws
 * `ResultTooLong` as soon as it would have more than `maxCharacters`.
 */
export function resultText(
  result: ExecutionResult | FormattedExecutionResult,
  maxCharacters = Number.POSITIVE_INFINITY,
): string {
  charactersLeft = maxCharacters;
  return jsonText(result) ?? 'null';
}

/** Counts a text before it is joined with others, because joining takes the memory. */
function counted(text: string): string {
  charactersLeft -= text.length + 1;
  if (charactersLeft < 0) throw new ResultTooLong('The text of a result is too long.');
  return text;
}

/** Prints as `JSON.stringify` does, and like it returns undefined for values that JSON omits. */
function jsonText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return counted(JSON.stringify(value));
    case 'object':
      return value === null ? counted('null') : objectText(value);
    case 'number':
      return counted(Number.isFinite(value) ? String(value) : 'null');
    case 'boolean':
      return counted(value ? 'true' : 'false');
    case 'bigint':
    case 'function':
    case 'symbol':
    case 'undefined':
      return undefined;
  }
}

/**
 * The printed names of a schema's fields, which occur in every message. Names that a
 * client chooses are not kept.
 */
const nameTexts = new Map<string, string>();

/** Prepares the printed names of this schema's fields. */
export function keepFieldNames(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const name of Object.keys(type.getFields())) nameTexts.set(name, `"${name}":`);
  }
}

function nameText(name: string): string {
  return counted(nameTexts.get(name) ?? `${JSON.stringify(name)}:`);
}

let lastTime = Number.NaN;
let lastDateText = '';

/**
 * Caches the last date, because many messages come in one millisecond. An ISO date
 * needs no escaping; an invalid one is null.
 */
function dateText(date: Date): string {
  const time = date.getTime();
  if (time !== lastTime) {
    lastDateText = Number.isNaN(time) ? 'null' : `"${date.toISOString()}"`;
    lastTime = time;
  }
  return lastDateText;
}

function objectText(value: object): string | undefined {
  if (value instanceof RawJson) return counted(value.text);
  if (Array.isArray(value)) {
    return `[${value.map((item: unknown) => jsonText(item) ?? 'null').join(',')}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  // graphql-js returns objects without a prototype, graphql-jit plain objects: neither has a
  // `toJSON`.
  if (prototype === null || prototype === Object.prototype) {
    if (!Object.hasOwn(value, 'toJSON')) return membersText(value);
  } else if (value instanceof Date) return counted(dateText(value));
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const shown = (value.toJSON as () => unknown)();
    // The result of `toJSON` is not asked for another `toJSON`.
    return isObject(shown) ? membersText(shown) : jsonText(shown);
  }
  return membersText(value);
}

/** Whether it is an object that is not null and has no text of its own. */
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
