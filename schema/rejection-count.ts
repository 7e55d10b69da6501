import type { RejectionReason as Reason } from '../src/kernel/rejection.ts';
import { builder } from './builder.ts';
import { describedValues } from './described-values.ts';

const descriptions: Record<Reason, string> = {
  TOO_LARGE: 'Longer than the gateway takes.',
  TOO_MANY_MESSAGES:
    'An array of objects, or newline-delimited JSON, of more messages than one payload may hold. All of them are refused, and counted as one.',
  EMPTY: 'White space only, or an array without an element.',
  INVALID_UTF8: 'Not UTF-8.',
  NOT_JSON: 'Neither JSON nor newline-delimited JSON.',
  UNWANTED_TOPIC:
    'Its topic matches no template: a persistent session still holds a subscription of an earlier configuration.',
  NO_DEVICE_ID: 'Nothing stands where the device id is looked for.',
  BAD_DEVICE_ID:
    'The device id is longer than 256 characters, or has a control character or half a surrogate pair in it.',
  TOO_MANY_DEVICES:
    'A new device, as many are known as the gateway keeps, and none of them was found that could make room.',
  UNKNOWN_AVAILABILITY:
    'On the topic of availability, and neither the payload for online nor the one for offline.',
};

export const RejectionReason = builder.enumType('RejectionReason', {
  description: 'Why a message from the MQTT broker was refused.',
  values: describedValues(descriptions),
});

export const RejectionCount = builder
  .objectRef<{ reason: Reason; count: number }>('RejectionCount')
  .implement({
    description: 'How many messages were rejected for one reason.',
    fields: (t) => ({
      reason: t.expose('reason', { type: RejectionReason, description: 'The reason.' }),
      count: t.expose('count', { type: 'SafeInt', description: 'How many, since start.' }),
    }),
  });
