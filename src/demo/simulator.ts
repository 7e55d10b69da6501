import { createConnector } from '../mqtt/connector.ts';
import type { Logger } from '../observe/logger.ts';
import { createSimulatedDevice } from './simulated-device.ts';

/** Simulated trackers that publish to an MQTT broker until they are closed. */
export interface Simulator {
  readonly deviceIds: readonly string[];
  close(): Promise<void>;
}

export interface SimulatorOptions {
  /** Of the MQTT broker. While it is away nothing is published, and nothing kept. */
  readonly url: string;
  /** How many trackers; 0 publishes nothing. */
  readonly devices: number;
  /** How often each of them publishes. Default: every second. */
  readonly intervalMs?: number;
  /** The same seed makes the same journeys. Default: another one every time. */
  readonly seed?: number;
  readonly logger: Pick<Logger, 'debug'>;
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly now?: () => number;
}

const shortestTickMs = 10;
const retryMs = 1_000;

export function createSimulator({
  url,
  devices,
  intervalMs = 1_000,
  seed = Math.floor(Math.random() * 2 ** 31),
  logger,
  now = Date.now,
}: SimulatorOptions): Simulator {
  const fleet = Array.from({ length: devices }, (_, i) => createSimulatedDevice(i, seed));
  const disconnected = (err: unknown): void => {
    logger.debug({ event: 'simulator.disconnected', err }, 'Simulated devices lost the broker');
  };
  const connector = createConnector({
    address: { url },
    // What the embedded broker speaks.
    protocolVersion: 4,
    keepsAcceptedVersion: true,
    retryMs: () => retryMs,
    listener: {
      connected() {},
      failed: disconnected,
      untried: disconnected,
    },
  });

  const round = createRound({ devices, intervalMs, startedAt: now() });
  function publishDue(): void {
    const time = now();
    const { client } = connector;
    for (const i of round.due(time)) {
      const { id, message } = fleet[i]!;
      client?.publish(`devices/${id}/messages`, message(time));
    }
  }
  // One timer for all: at most one every 10 ms, which then publishes for several.
  const tickMs = Math.max(shortestTickMs, Math.floor(intervalMs / Math.max(1, devices)));
  const timer = devices === 0 ? undefined : setInterval(publishDue, tickMs);

  return {
    deviceIds: fleet.map(({ id }) => id),
    close() {
      clearInterval(timer);
      return connector.close(true);
    },
  };
}

export interface RoundOptions {
  readonly devices: number;
  readonly intervalMs: number;
  readonly startedAt: number;
}

/**
 * Whose turn it is: within an interval each device has one, at even distances.
 * `due` answers the indexes of those whose turn came since it was last asked.
 */
export function createRound({ devices, intervalMs, startedAt }: RoundOptions): {
  due(time: number): number[];
} {
  let turnsTaken = 0;
  return {
    due(time) {
      const turns = Math.floor(((time - startedAt) / intervalMs) * devices);
      // The clock was set, or the machine slept: go on from here instead of catching up.
      if (Math.abs(turns - turnsTaken) > devices) turnsTaken = turns - 1;
      const indexes: number[] = [];
      for (; turnsTaken < turns; turnsTaken += 1) {
        indexes.push(((turnsTaken % devices) + devices) % devices);
      }
      return indexes;
    },
  };
}
