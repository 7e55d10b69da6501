import type { Log } from '../../src/log/log.ts';
import { createMemoryLog } from '../../src/log/memory-log.ts';
import { arrivalOf } from './arrival.ts';

/** A log that knows a device only once it has been opened, as one does that keeps its messages elsewhere. */
export interface FetchedLog extends Log {
  /** The calls of `open` that wait, by device. */
  readonly waiting: readonly string[];
  /** Lets them have what was kept elsewhere. */
  fetched(): void;
}

/** `elsewhere`: how many messages of each device it finds. */
export function createFetchedLog(elsewhere: Readonly<Record<string, number>>): FetchedLog {
  const log = createMemoryLog({ maxDevices: 10, historySize: 10 });
  const known = new Set<string>();
  const waiting: string[] = [];
  let gate = Promise.withResolvers<void>();
  async function fetchAll(deviceIds: readonly string[]): Promise<void> {
    await gate.promise;
    for (const deviceId of deviceIds.filter((each) => !known.has(each))) {
      known.add(deviceId);
      for (let n = 0; n < (elsewhere[deviceId] ?? 0); n += 1) log.append(arrivalOf(deviceId));
    }
  }
  return Object.create(log, {
    ...Object.getOwnPropertyDescriptors({
      waiting,
      fetched() {
        waiting.length = 0;
        gate.resolve();
        gate = Promise.withResolvers<void>();
      },
      open(deviceIds: readonly string[]): Promise<void> | undefined {
        const unknown = deviceIds.filter((deviceId) => !known.has(deviceId));
        if (unknown.length === 0) return undefined;
        waiting.push(...unknown);
        return fetchAll(unknown);
      },
    }),
  }) as FetchedLog;
}
