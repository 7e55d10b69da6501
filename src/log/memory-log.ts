import type { DeviceMessage } from '../device-message.ts';
import type { Arrival, Log } from './log.ts';

export interface MemoryLogOptions {
  /** How many devices it numbers; a message of a further one is refused. */
  readonly maxDevices: number;
  /** Distinguishes this log from those before it. Default: made from the clock and chance. */
  readonly epoch?: string;
}

/** The log of a single process: what it knows goes with the process. */
export function createMemoryLog(options: MemoryLogOptions): Log {
  const epoch = options.epoch ?? newEpoch();
  const sequences = new Map<string, number>();

  return {
    epoch,
    get devicesKnown() {
      return sequences.size;
    },
    append(arrival: Arrival): DeviceMessage | undefined {
      const { deviceId, topic, payload, receivedAt } = arrival;
      const last = sequences.get(deviceId);
      if (last === undefined && sequences.size >= options.maxDevices) return undefined;
      const sequence = (last ?? 0) + 1;
      sequences.set(deviceId, sequence);
      return { deviceId, topic, payload, receivedAt, epoch, sequence };
    },
  };
}

/** Base 36, so that it holds no `-`: the clock orders epochs for a reader, chance keeps two in one millisecond apart. */
function newEpoch(): string {
  const chance = Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return Date.now().toString(36) + chance;
}
