import type { Shape } from '../load/shape.ts';
import type { Measurement } from '../measurement.ts';
import type { Bench } from './bench.ts';

export type Unnamed = Omit<Measurement, 'scenario' | 'row'>;

export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** The point of a curve. */
  readonly at?: number;
  /** The rows that its bounds compare: all that `--quick` runs. */
  readonly compared: readonly string[];
  /** What it takes of a hurried run's time, in seconds; measured, to plan by. */
  readonly quickSeconds: number;
  readonly shape: Shape;
  /**
   * Where there are few deliveries to a message, a real broker would be what limits: the load then plays
   * the broker.
   */
  readonly playsBroker: boolean;
  run(bench: Bench): Promise<Unnamed[]>;
}
