/** A place among the messages of a device. */
export interface Positioned {
  readonly deviceId: string;
  readonly position: string;
}

const afterVariable = /\$after\s*:\s*\[\s*DevicePosition\b/;

/** Whether a document can go on behind positions: it declares `$after: [DevicePosition!]`. */
export function declaresAfter(query: string): boolean {
  return afterVariable.test(query);
}

/** The messages in an answer that say where they stand. */
export function positionedIn(data: unknown): Positioned[] {
  if (typeof data !== 'object' || data === null) return [];
  return Object.values(data).filter(isPositioned);
}

function isPositioned(value: unknown): value is Positioned {
  if (typeof value !== 'object' || value === null) return false;
  const { deviceId, position } = value as Partial<Record<keyof Positioned, unknown>>;
  return typeof deviceId === 'string' && typeof position === 'string';
}

/** Of each device, behind which its next message comes. */
export type Positions = Map<string, string>;

/** The positions in these lists. A device that is in several has the last of them. */
export function positionsOf(
  ...lists: readonly (Positioned | readonly Positioned[] | null | undefined)[]
): Positions {
  return new Map(lists.flatMap((list) => list ?? []).map((of) => [of.deviceId, of.position]));
}

/** Positions as `after` takes them. */
export function listOf(positions: Positions): Positioned[] {
  return Array.from(positions, ([deviceId, position]) => ({ deviceId, position }));
}
