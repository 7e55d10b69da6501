import * as kind from '../config/kind.ts';
import { gatewayOptions, gatewayTimeout } from './gateway-options.ts';
import { option } from './option.ts';

export const statsOptions = {
  intervalMs: option({
    kind: kind.integer({ min: 100, max: 3_600_000, placeholder: 'ms' }),
    description: 'with --watch, milliseconds from one to the next',
    default: 1_000,
  }),
  timeoutS: gatewayTimeout(10),
  ...gatewayOptions,
};
