/** How far back a chart goes. */
export const windowS = 300;
/** Ten devices at ten messages a second are bounded by this and not by the window. */
const mostRows = 12_000;

type Column = (number | null | undefined)[];

/** A time in which messages of a device were missed. */
export interface SeriesGap {
  readonly deviceId: string;
  /** Seconds since 1970, of the last message before it and the first behind it. */
  readonly from: number;
  readonly to: number;
}

/** One field of several devices, over one axis of time, as uPlot takes it. */
export interface Series {
  push(deviceId: string, time: number, value: number): void;
  /** The line of this device is interrupted before this time. */
  breakOff(deviceId: string, time: number): void;
  /** The newest value of a device. */
  last(deviceId: string): number | undefined;
  /** The gaps of a device that are still in the window. */
  gaps(deviceId: string): readonly SeriesGap[];
  /** Forgets a device; false when no other is left. */
  drop(deviceId: string): boolean;
  /** Time, and a column for each of these devices: undefined where another device has the row, null where the line is interrupted. */
  columns(deviceIds: readonly string[]): [number[], ...Column[]];
}

export function createSeries(): Series {
  let times: number[] = [];
  const columns = new Map<string, Column>();
  const newest = new Map<string, { time: number; value: number }>();
  let gaps: SeriesGap[] = [];

  function columnOf(deviceId: string): Column {
    let column = columns.get(deviceId);
    if (column === undefined) {
      column = emptyColumn(times.length);
      columns.set(deviceId, column);
    }
    return column;
  }

  function put(deviceId: string, time: number, value: number | null): void {
    columnOf(deviceId);
    // At the end, unless it is a kept message of a device that was picked just now.
    let place = times.length;
    while (place > 0 && times[place - 1]! > time) place -= 1;
    times.splice(place, 0, time);
    for (const [id, column] of columns)
      column.splice(place, 0, id === deviceId ? value : undefined);
    trim();
  }

  /** In steps of a tenth, since each moves everything. */
  function trim(): void {
    const newestTime = times.at(-1)!;
    const tooOld = times[Math.floor(times.length / 10)]! < newestTime - windowS;
    if (!tooOld && times.length < mostRows) return;
    const from = Math.ceil(times.length / 10);
    times.splice(0, from);
    for (const column of columns.values()) column.splice(0, from);
    const oldest = times[0] ?? newestTime;
    gaps = gaps.filter(({ to }) => to >= oldest);
  }

  return {
    push(deviceId, time, value) {
      put(deviceId, time, value);
      newest.set(deviceId, { time, value });
    },
    breakOff(deviceId, time) {
      put(deviceId, time - 0.000_5, null);
      gaps.push({ deviceId, from: newest.get(deviceId)?.time ?? time, to: time });
    },
    last: (deviceId) => newest.get(deviceId)?.value,
    gaps: (deviceId) => gaps.filter((gap) => gap.deviceId === deviceId),
    drop(deviceId) {
      const column = columns.get(deviceId);
      if (column !== undefined) {
        columns.delete(deviceId);
        newest.delete(deviceId);
        gaps = gaps.filter((gap) => gap.deviceId !== deviceId);
        const stays = column.map((value) => value === undefined);
        times = times.filter((_, i) => stays[i]);
        for (const [id, other] of columns) {
          columns.set(
            id,
            other.filter((_, i) => stays[i]),
          );
        }
      }
      return columns.size > 0;
    },
    columns: (deviceIds) => [
      times,
      ...deviceIds.map((id) => columns.get(id) ?? emptyColumn(times.length)),
    ],
  };
}

function emptyColumn(length: number): Column {
  return Array.from({ length }, () => undefined);
}
