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
  readonly kibPerConnection?: number;
  readonly burstMs?: number;
  readonly growthMib?: number;
  /** The value of the curve's axis. */
  readonly at?: number;
  readonly note?: string;
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
