/** How far back a chart goes. */
export const windowS = 300;
/** Ten devices at ten messages a second are bounded by this and not by the window. */
const mostRows = 12_000;

/** One field of several devices, over one axis of time, as uPlot takes it. */
export interface Series {
  readonly deviceIds: readonly string[];
  push(deviceId: string, time: number, value: number): void;
  /** The line of this device is interrupted before this time. */
  breakOff(deviceId: string, time: number): void;
  /** The newest value of a device. */
  last(deviceId: string): number | undefined;
  /** Time, and a column for each of these devices: undefined where another device has the row, null where the line is interrupted. */
  columns(deviceIds: readonly string[]): [number[], ...(number | null | undefined)[][]];
}

export function createSeries(): Series {
  const times: number[] = [];
  const columns = new Map<string, (number | null | undefined)[]>();
  const newest = new Map<string, number>();

  function columnOf(deviceId: string): (number | null | undefined)[] {
    let column = columns.get(deviceId);
    if (column === undefined) {
      column = Array.from({ length: times.length }, () => undefined);
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
  }

  return {
    get deviceIds() {
      return [...columns.keys()];
    },
    push(deviceId, time, value) {
      put(deviceId, time, value);
      newest.set(deviceId, value);
    },
    breakOff(deviceId, time) {
      put(deviceId, time - 0.000_5, null);
    },
    last: (deviceId) => newest.get(deviceId),
    columns: (deviceIds) => [times, ...deviceIds.map(columnOf)],
  };
}
