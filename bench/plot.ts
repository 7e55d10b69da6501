import type { Measurement } from './measurement.ts';
export function plot(_measurements: readonly Measurement[], _curves: boolean): string {
  return '';
}
