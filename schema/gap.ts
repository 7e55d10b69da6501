import type { Gap as MissedGap, GapReason as Reason } from '../src/kernel/device-message.ts';
import type { Builder } from './builder.ts';
import { describedValues } from './described-values.ts';

const descriptions: Record<Reason, string> = {
  QUEUE_OVERFLOW: "The subscription's queue was full: its client did not read fast enough.",
  CONFLATED:
    'Newer messages replaced them, as the client had asked with `minIntervalMs` or the policy LATEST.',
  HISTORY_EXPIRED: 'The client asked for them by position, and they were no longer kept.',
  SOURCE_INTERRUPTED:
    'The connection to the MQTT broker was interrupted, or its queue was full: how many were missed, or whether any were, cannot be known.',
  STREAM_RESET:
    'The gateway has started a new log since the position that the client sent: how many were missed cannot be known.',
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
        description:
          'Why messages were missed; when there are several reasons, the most serious one.',
      }),
    }),
  });
}

export type GapRef = ReturnType<typeof addGap>;
