import type { Gap as MissedGap, GapReason as Reason } from '../src/kernel/device-message.ts';
import type { Builder } from './builder.ts';
import { describedValues } from './described-values.ts';

const descriptions: Record<Reason, string> = {
  QUEUE_OVERFLOW: "The subscription's queue was full: its client did not read fast enough.",
  CONFLATED:
    'Newer messages took their place, as the client had asked by `minIntervalMs` or the policy LATEST.',
  HISTORY_EXPIRED: 'The client asked for them by position, and they were not kept any more.',
  SOURCE_INTERRUPTED:
    'The connection to the MQTT broker was interrupted, or its queue was full: how many were missed, or whether any were, cannot be known.',
  STREAM_RESET:
    'The gateway has begun a new log since the position that the client gave: how many were missed cannot be known.',
};

export function addGap(builder: Builder) {
  const reason = builder.enumType('GapReason', {
    description: 'Why a subscription missed messages.',
    values: describedValues(descriptions),
  });

  return builder.objectRef<MissedGap>('Gap').implement({
    description: 'What a subscription missed of a device directly before a message.',
    fields: (t) => ({
      missed: t.expose('missed', {
        type: 'SafeInt',
        nullable: true,
        description: 'How many messages; null when it cannot be known.',
      }),
      reason: t.expose('reason', {
        type: reason,
        description: 'Why; of several reasons the gravest.',
      }),
    }),
  });
}

export type GapRef = ReturnType<typeof addGap>;
