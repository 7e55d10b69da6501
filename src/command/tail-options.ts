import * as kind from '../config/kind.ts';
import { gatewayOptions, gatewayTimeout } from './gateway-options.ts';
import { option } from './option.ts';

export const tailOptions = {
  deviceIds: option({
    kind: kind.list(kind.matching('a device id', 'ids', /./s), 'device ids, separated by commas'),
    description: 'the devices, separated by commas; may be given again',
    default: undefined,
    repeatable: true,
  }),
  sincePosition: option({
    kind: kind.list(
      kind.matching('a position', 'device=position', /./s),
      'device=position, or with one device its position',
    ),
    description:
      'go on behind this position of a device; may be given again; with one device its position is enough',
    default: undefined,
    repeatable: true,
  }),
  replay: option({
    kind: kind.integer({ min: 0, max: 1_000_000, placeholder: 'messages' }),
    description: 'begin with the newest so many kept messages of each device without a position',
    default: 0,
  }),
  minIntervalMs: option({
    kind: kind.integer({ min: 0, max: 86_400_000, placeholder: 'ms' }),
    description: 'at most one message of a device in so many milliseconds, the newest; 0: all',
    default: 0,
  }),
  count: option({
    kind: kind.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    description: 'end after so many messages',
    default: undefined,
    defaultText: 'never',
  }),
  timeoutS: gatewayTimeout(0),
  ...gatewayOptions,
};
