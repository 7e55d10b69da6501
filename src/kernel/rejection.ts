/**
 * Why a message from the MQTT broker was refused, and what each reason means. The
 * values are those of the SDL.
 */
export const rejections = {
  TOO_LARGE: 'It was longer than the gateway accepts.',
  TOO_MANY_MESSAGES:
    'It was an array of objects, or newline-delimited JSON, with more messages than one payload may contain. All of them are refused, and counted as one.',
  EMPTY: 'It was only white space, or an empty array.',
  INVALID_UTF8: 'It was not valid UTF-8.',
  NOT_JSON: 'It was neither valid JSON nor newline-delimited JSON.',
  UNWANTED_TOPIC:
    'Its topic matches no template: a persistent session still has a subscription of an earlier configuration.',
  NO_DEVICE_ID: 'It has no device id in the place where the template looks for one.',
  BAD_DEVICE_ID:
    'The device id is longer than 256 characters, or contains a control character or a lone surrogate.',
  TOO_MANY_DEVICES:
    'Its device is new, the gateway knows as many devices as it keeps, and no device was found that could make room.',
  UNKNOWN_AVAILABILITY:
    'It came on the topic of availability, and was neither the payload for online nor the one for offline.',
} as const satisfies Record<string, string>;

export type RejectionReason = keyof typeof rejections;
export const rejectionReasons = Object.keys(rejections) as readonly RejectionReason[];
