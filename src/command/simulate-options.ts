import * as kind from '../config/kind.ts';
import { brokerOptions } from './broker-options.ts';
import { option } from './option.ts';

export const simulateOptions = {
  devices: option({
    kind: kind.integer({ min: 1, max: 10_000 }),
    description: 'how many devices: tracker-001, tracker-002 and so on',
    default: 20,
  }),
  rate: option({
    kind: kind.number({ above: 0, max: 10_000, placeholder: 'per-second' }),
    description: 'messages of each device in a second; 0.1 is one in ten seconds',
    default: 1,
  }),
  durationS: option({
    kind: kind.number({ above: 0, max: 31_536_000, placeholder: 'seconds' }),
    description: 'end after so many seconds',
    default: undefined,
    defaultText: 'never',
  }),
  count: option({
    kind: kind.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    description: 'end after so many messages of all devices together',
    default: undefined,
    defaultText: 'never',
  }),
  maxInFlight: option({
    kind: kind.integer({ min: 1, max: 65_535 }),
    description:
      'how many messages may be on their way at a time, at most as many as the broker allows; what is due beyond that is held back and not sent later',
    default: 1_000,
  }),
  seed: option({
    kind: kind.integer({ min: 0, max: 2_147_483_647 }),
    description: 'the same seed makes the same journeys',
    default: undefined,
    defaultText: 'another one every time',
  }),
  ...brokerOptions,
};
