import type { IncomingMessage } from 'node:http';

export type JsonMediaType = 'application/json' | 'application/graphql-response+json';

/** An element of `Accept`, in lower case. */
interface MediaRange {
  readonly name: string;
  readonly parameters: readonly string[];
  /** The client's preference. 0: it does not accept the type. */
  readonly quality: number;
}

const refused: MediaRange = { name: '', parameters: [], quality: 0 };
/** A client that accepts anything is probably an old one. */
const jsonMediaTypes = ['application/json', 'application/graphql-response+json'] as const;

function rangesOf({ headers }: IncomingMessage): MediaRange[] {
  return (headers.accept?.trim() || '*/*').split(',').map((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { name, parameters, quality: q === undefined ? 1 : Number(q) };
  });
}

/**
 * The range with the first of these names that `Accept` contains: the most specific
 * name decides [RFC 9110, 12.5.1].
 */
function rangeOf(ranges: readonly MediaRange[], ...names: readonly string[]): MediaRange {
  for (const name of names) {
    const range = ranges.find((each) => each.name === name);
    if (range !== undefined) return range;
  }
  return refused;
}

/** Whether the client names JSON for one answer. */
export function acceptsJson(request: IncomingMessage): boolean {
  const ranges = rangesOf(request);
  return jsonMediaTypes.some((mediaType) => rangeOf(ranges, mediaType).quality > 0);
}

/** The media type that the client prefers for a single answer; undefined when it accepts none. */
export function jsonMediaType(request: IncomingMessage): JsonMediaType | undefined {
  const ranges = rangesOf(request);
  const [best] = jsonMediaTypes
    .map((mediaType) => ({ mediaType, range: rangeOf(ranges, mediaType, 'application/*', '*/*') }))
    .filter(({ range }) => range.quality > 0)
    .toSorted(
      (a, b) =>
        b.range.quality - a.range.quality || ranges.indexOf(a.range) - ranges.indexOf(b.range),
    );
  return best?.mediaType;
}

/** Whether it accepts server-sent events. A client that accepts anything has not asked for a stream. */
export function acceptsEvents(request: IncomingMessage): boolean {
  return rangeOf(rangesOf(request), 'text/event-stream', 'text/*').quality > 0;
}

/**
 * Whether it accepts Apollo's multipart subscriptions; `multipart/mixed` alone is
 * something else (`@defer`).
 */
export function acceptsMultipart(request: IncomingMessage): boolean {
  return rangesOf(request).some(
    ({ name, parameters, quality }) =>
      name === 'multipart/mixed' &&
      quality > 0 &&
      parameters.some((parameter) => /^subscriptionspec="?1\.0"?$/.test(parameter)),
  );
}

/** Whether it accepts plain text. */
export function acceptsText(request: IncomingMessage): boolean {
  return rangeOf(rangesOf(request), 'text/plain', 'text/*', '*/*').quality > 0;
}

/** Whether it names HTML, as browsers do for a page. */
export function acceptsHtml(request: IncomingMessage): boolean {
  return rangeOf(rangesOf(request), 'text/html').quality > 0;
}
