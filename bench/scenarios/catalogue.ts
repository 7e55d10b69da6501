import { s5 } from './burst.ts';
import { s1, s2, s3 } from './fan-out.ts';
import { s4 } from './idle.ts';
import { s6 } from './latency.ts';
import type { Scenario } from './scenario.ts';
import { s7, s7Memory } from './stalled.ts';

export const scenarios: readonly Scenario[] = [s1, s2, s3, s4, s5, s6, s7, s7Memory];
