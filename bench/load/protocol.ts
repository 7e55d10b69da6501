import type { PhaseOptions } from './phase.ts';
import type { Feed, Shape, Target } from './shape.ts';

/** What the load process is asked, one request at a time. */
export type LoadRequest =
  | { readonly call: 'feed'; readonly shape: Shape; readonly feed: Feed }
  | { readonly call: 'connect'; readonly target: Target }
  | { readonly call: 'subscribed' }
  | { readonly call: 'run'; readonly phase: PhaseOptions }
  | { readonly call: 'seal'; readonly patienceMs: number }
  | { readonly call: 'stall' };

export interface LoadAnswer {
  readonly value?: unknown;
  readonly error?: string;
}
