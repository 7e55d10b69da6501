import type { OverflowPolicy as Policy } from '../src/broker/overflow-policy.ts';
import type { Builder } from './builder.ts';
import { describedValues } from './described-values.ts';

const descriptions: Record<Policy, string> = {
  DROP_NEWEST:
    'Refuses the new message. What is queued stays: a record without holes up to the stall.',
  DROP_OLDEST: 'Makes room for the new message by dropping the one that has waited longest.',
  LATEST:
    'Keeps only the newest message of each device: after a stall, the current state at once. What is replaced counts as conflated.',
  DISCONNECT: 'Ends the subscription with the code SLOW_CONSUMER.',
};

export function addOverflowPolicy(builder: Builder) {
  return builder.enumType('OverflowPolicy', {
    description: 'What a full queue does with the next message. Every drop is counted.',
    values: describedValues(descriptions),
  });
}

export type OverflowPolicyRef = ReturnType<typeof addOverflowPolicy>;
