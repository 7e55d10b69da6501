import { createTracker, trackerId } from './tracker.ts';

/** A tracker as a device that has something to publish. */
export interface SimulatedDevice {
  readonly id: string;
  /** Its next message, at that time in milliseconds since 1970. */
  readonly message: (time: number) => string;
}

/** Two of the same index and seed make the same journey. */
export function createSimulatedDevice(index: number, seed: number): SimulatedDevice {
  const id = trackerId(index);
  const tracker = createTracker(seed + index);
  let readAt: number | undefined;
  return {
    id,
    message(time) {
      const reading = tracker.step(readAt === undefined ? 0 : time - readAt);
      readAt = time;
      return JSON.stringify({ device_id: id, ...reading, timestamp: new Date(time).toISOString() });
    },
  };
}
