/**
 * Filters that match a topic, those with the fewest `+` first: the topic itself,
 * `a/b/#`, `a/#`, `#`, then those with one `+`, and so on. A topic of four levels
 * has 47, and each further level doubles them.
 */
export function* filtersMatching(topic: string): Generator<string> {
  const levels = topic.split('/');
  // [MQTT-4.7.2-1]: a wildcard at the first level does not match `$SYS` and the like.
  const begin = topic.startsWith('$') ? 1 : 0;
  for (let wildcards = 0; wildcards <= levels.length - begin; wildcards += 1) {
    yield* withWildcards(levels, wildcards, begin);
    // [MQTT-4.7.1-2]: `a/#` matches its parent `a`, too.
    for (let length = levels.length; length >= begin; length -= 1) {
      for (const filter of withWildcards(levels.slice(0, length), wildcards, begin)) {
        yield length === 0 ? '#' : `${filter}/#`;
      }
    }
  }
}

/** Each way to put so many `+` in place of levels, from the level `begin` on. */
function* withWildcards(
  levels: readonly string[],
  wildcards: number,
  begin: number,
): Generator<string> {
  if (wildcards === 0) {
    yield levels.join('/');
    return;
  }
  for (let i = begin; i <= levels.length - wildcards; i += 1) {
    yield* withWildcards(levels.with(i, '+'), wildcards - 1, i + 1);
  }
}
