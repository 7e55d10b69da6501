import { visible } from './visible-text.ts';

/** Deeper than anybody nests what a person should read. */
const deepest = 100;

/**
 * A value as JSON. What is nested so deeply that `JSON.stringify` runs out of
 * stack comes with an ellipsis in place of its depths.
 */
export function jsonText(value: unknown, indent?: number): string {
  try {
    return visible(JSON.stringify(value, null, indent) ?? 'null');
  } catch {
    return visible(JSON.stringify(withoutDepths(value, 0), null, indent));
  }
}

function withoutDepths(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === deepest) return '…';
  if (Array.isArray(value)) return value.map((element) => withoutDepths(element, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withoutDepths(member, depth + 1)]),
  );
}
