import type { PhaseOptions } from './phase.ts';
import type { Shape, Target } from './shape.ts';

/** What the load process is asked, one request at a time. */
export type LoadRequest =
  | { readonly call: 'open'; readonly shape: Shape; readonly target: Target }
  | { readonly call: 'subscribed' }
  | { readonly call: 'run'; readonly phase: PhaseOptions }
  | { readonly call: 'stall' }
  | { readonly call: 'close' };

export interface LoadAnswer {
  readonly value?: unknown;
  readonly error?: string;
}
