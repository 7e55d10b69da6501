/** Why a message from the MQTT broker was refused. The words are those of the SDL. */
export const rejectionReasons = [
  /** Longer than `maxPayloadBytes`. */
  'TOO_LARGE',
  /** An array of objects, or newline-delimited JSON, of more messages than `maxMessagesPerPayload`: all of them are refused. */
  'TOO_MANY_MESSAGES',
  /** White space only, or an array without an element. */
  'EMPTY',
  /** Not UTF-8. */
  'INVALID_UTF8',
  /** Neither JSON nor newline-delimited JSON. */
  'NOT_JSON',
  /** Its topic matches no template: a persistent session still holds a subscription of an earlier configuration. */
  'UNWANTED_TOPIC',
  /** Nothing stands where the device id is looked for. */
  'NO_DEVICE_ID',
  /** The device id is longer than 256 characters, or has a control character or half a surrogate pair in it. */
  'BAD_DEVICE_ID',
  /** A new device, as many are known as the gateway keeps, and none of them was found that could make room. */
  'TOO_MANY_DEVICES',
  /** On the topic of availability, and neither the payload for online nor the one for offline. */
  'UNKNOWN_AVAILABILITY',
] as const;
export type RejectionReason = (typeof rejectionReasons)[number];
