/**
 * The text of a value inside a JSON text, exactly as it stands there:
 * `memberText('{"a":{"b": 1.0}}', 'a', 'b')` is `1.0`.
 */
export function memberText(text: string, ...path: readonly string[]): string {
  let value = text.trim();
  for (const name of path) {
    const found = membersOf(value).find(([key]) => key === name);
    if (found === undefined) throw new Error(`no ${name} in ${value.slice(0, 200)}`);
    value = found[1];
  }
  return value;
}

/** The names and the texts of the members of a JSON object. */
function membersOf(object: string): [string, string][] {
  const members: [string, string][] = [];
  let at = skip(/[{\s]*/y, object, 0);
  while (at < object.length && object[at] !== '}') {
    const name = skip(/"(?:[^"\\]|\\.)*"/y, object, at);
    const value = skip(/\s*:\s*/y, object, name);
    const end = endOfValue(object, value);
    members.push([JSON.parse(object.slice(at, name)) as string, object.slice(value, end).trim()]);
    at = skip(/[,\s]*/y, object, end);
  }
  return members;
}

/** The index behind the value that begins at `start`. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '"') at = skip(/"(?:[^"\\]|\\.)*"/y, text, at) - 1;
    else if (text[at] === '{' || text[at] === '[') depth += 1;
    else if (depth === 0 && /[,}\]]/.test(text[at]!)) return at;
    else if (text[at] === '}' || text[at] === ']') depth -= 1;
  }
  return text.length;
}

/** The index behind what the sticky expression matches at `start`. */
function skip(expression: RegExp, text: string, start: number): number {
  expression.lastIndex = start;
  return start + (expression.exec(text)?.[0].length ?? 0);
}
