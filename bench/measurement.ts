import type { Percentiles } from './measure/histogram.ts';

/** One line of the table. What a scenario does not measure is left out. */
export interface Measurement {
  readonly scenario: string;
  readonly load: string;
  readonly row: string;
  readonly cpuMicrosPerDelivery?: number;
  readonly deliveriesPerSecond?: number;
  readonly latency?: Percentiles;
  readonly deliveries?: number;
  readonly lost?: number;
  /** Delivered twice, or not the message that was due. */
  readonly wrong?: number;
  /** Share of one processor that the server used: well below 1 at saturation, the load was the limit. */
  readonly busy?: number;
  /** The same of the MQTT broker, of the load, and of processes that are not the benchmark's. */
  readonly brokerBusy?: number;
  readonly loadBusy?: number;
  readonly othersBusy?: number;
  readonly kibPerConnection?: number;
  readonly burstMs?: number;
  readonly growthMib?: number;
  /** The value of the curve's axis. */
  readonly at?: number;
  readonly note?: string;
}

/** So much of a processor in other hands, and a figure says more of them than of the row. */
const disturbedFrom = 0.15;

export function isDisturbed(measurement: Measurement): boolean {
  return (measurement.othersBusy ?? 0) > disturbedFrom;
}

/** A row that a scenario could not measure, and why. */
export interface NotRun {
  readonly scenario: string;
  readonly row: string;
  readonly reason: string;
}

export interface Results {
  readonly measurements: Measurement[];
  readonly notRun: NotRun[];
}
