/** Told apart from each other, and seen on a light ground as on a dark one. */
export const palette = [
  '#0ea5e9',
  '#f97316',
  '#22a565',
  '#d946ef',
  '#eab308',
  '#6366f1',
  '#ef4444',
  '#14b8a6',
  '#a16207',
  '#ec4899',
] as const;

export function colorOf(place: number | undefined): string {
  return palette[(place ?? 0) % palette.length]!;
}
