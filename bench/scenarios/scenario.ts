import type { Measurement } from '../measurement.ts';
import type { Bench } from './bench.ts';

export type Unnamed = Omit<Measurement, 'scenario' | 'row'>;

export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** The rows that its bounds compare: all that `--quick` runs. */
  readonly compared: readonly string[];
  /** What it takes of a hurried run's time, in seconds; measured, to plan by. */
  readonly quickSeconds: number;
  run(bench: Bench): Promise<Unnamed[]>;
}
