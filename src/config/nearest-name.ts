/** Of the known names the one that was perhaps meant, or undefined when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const meant = name.toLowerCase();
  const longer = known.find((candidate) => candidate.toLowerCase().startsWith(meant));
  if (longer !== undefined) return longer;
  let nearest: string | undefined;
  // Two typing errors, or one in every four letters; with more it is another word.
  let leastEdits = 1 + Math.max(2, Math.floor(meant.length / 4));
  for (const candidate of known) {
    const edits = editsBetween(meant, candidate.toLowerCase());
    if (edits < leastEdits) {
      nearest = candidate;
      leastEdits = edits;
    }
  }
  return nearest;
}

/** How many letters to put in, take out or replace, at least (Levenshtein). */
function editsBetween(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = above[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, above[column]! + 1, current[column - 1]! + 1));
    }
    above = current;
  }
  return above[to.length]!;
}
