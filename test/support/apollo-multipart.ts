/**
 * How Apollo's mobile clients take a multipart body apart. They are not run by the
 * tests, so their rules are written down here: what they split at, and what they
 * take for a fault.
 */

/**
 * Apollo iOS: the results of a body. It looks for `\r\n--boundary` alone, and splits
 * a part at each blank line that ends with `\r\n`, in the payload too.
 */
export function readAsIos(body: string, boundary: string): unknown[] {
  const results: unknown[] = [];
  for (const chunk of iosChunks(body, boundary)) {
    const result = iosResult(chunk);
    if (result !== undefined) results.push(result);
  }
  return results;
}

function* iosChunks(body: string, boundary: string): Generator<string> {
  for (const piece of body.split(`\r\n--${boundary}`)) {
    const chunk = piece.startsWith('\r\n') ? piece.slice(2) : piece;
    if (chunk !== '' && !chunk.startsWith('--')) yield chunk;
  }
}

function iosResult(chunk: string): unknown {
  for (const line of chunk.split('\r\n\r\n').filter((text) => text !== '')) {
    if (line === '{}') continue;
    const [, type] = /^[Cc]ontent-[Tt]ype.*?: (.*?)(?:; .*)?$/s.exec(line) ?? [];
    if (type === 'application/json' || type === 'application/graphql-response+json') continue;
    if (type !== undefined) throw new Error(`unsupportedContentType: ${type}`);
    const json = objectIn(line);
    if (json === undefined) throw new Error(`cannotParseChunkData: ${JSON.stringify(line)}`);
    if (Array.isArray(json['errors'])) throw new Error(`irrecoverableErrors: ${line}`);
    return json['payload'] ?? undefined;
  }
  return undefined;
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value)
      ? ((value as Record<string, unknown> | null) ?? undefined)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Apollo Kotlin, whose reader comes from OkHttp: the bodies of the parts. It passes
 * over what stands before the first boundary, reads headers to a blank line, and takes
 * nothing but white space behind a boundary.
 */
export function readAsKotlin(body: string, boundary: string): string[] {
  const delimiter = `\r\n--${boundary}`;
  const parts: string[] = [];
  let at = body.startsWith(delimiter.slice(2)) ? delimiter.length - 2 : behind(body, delimiter, 0);
  for (;;) {
    const [between = ''] = /^[ \t]*/.exec(body.slice(at))!;
    at += between.length;
    if (body.startsWith('--', at) || body.startsWith(`${delimiter}--`, at)) {
      if (parts.length === 0) throw new Error('expected at least 1 part');
      if (between !== '') throw new Error('unexpected characters after boundary');
      return parts;
    }
    if (at === body.length) throw new Error('premature end of multipart body');
    if (!body.startsWith('\r\n', at)) throw new Error('unexpected characters after boundary');
    at = behindHeaders(body, at + 2);
    const end = behind(body, delimiter, at);
    parts.push(body.slice(at, end - delimiter.length));
    at = end;
  }
}

function behindHeaders(body: string, from: number): number {
  let at = from;
  for (;;) {
    const end = behind(body, '\n', at);
    const line = body.slice(at, end).replace(/\r?\n$/, '');
    at = end;
    if (line === '') return at;
    if (!line.includes(':')) throw new Error(`unexpected header: ${line}`);
  }
}

function behind(body: string, text: string, from: number): number {
  const index = body.indexOf(text, from);
  if (index === -1) throw new Error('premature end of multipart body');
  return index + text.length;
}
