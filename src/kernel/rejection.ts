/** Why a message from the MQTT broker was refused, and what each reason means. The words are those of the SDL. */
export const rejections = {
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
} as const satisfies Record<string, string>;

export type RejectionReason = keyof typeof rejections;
export const rejectionReasons = Object.keys(rejections) as readonly RejectionReason[];
