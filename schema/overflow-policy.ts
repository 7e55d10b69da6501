import type { OverflowPolicy as Policy } from '../src/broker/overflow-policy.ts';
import type { Builder } from './builder.ts';
import { describedValues } from './described-values.ts';

const descriptions: Record<Policy, string> = {
  DROP_NEWEST:
    'Drops the new message. The queued messages stay: they have no holes up to the time when the client stopped reading.',
  DROP_OLDEST: 'Drops the oldest queued message to make room for the new one.',
  LATEST:
    'Keeps only the newest message of each device: a client that reads again gets the current state at once. Replaced messages count as conflated.',
  DISCONNECT: 'Ends the subscription with the code SLOW_CONSUMER.',
};

export function addOverflowPolicy(builder: Builder) {
  return builder.enumType('OverflowPolicy', {
    description: 'What a full queue does with the next message. Every drop is counted.',
    values: describedValues(descriptions),
  });
}

export type OverflowPolicyRef = ReturnType<typeof addOverflowPolicy>;
