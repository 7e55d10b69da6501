/** One message as the MQTT broker handed it over. */
export interface MqttMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Sent since the broker had kept it, and not since somebody published it now. */
  readonly retained: boolean;
  /** The lower one of what it was published with and of what the broker has granted. */
  readonly qos: 0 | 1 | 2;
  /**
   * The indexes of the filters for which the broker sent this copy; undefined when
   * it does not say (MQTT 3.1.1, or one filter alone), or when it sent it for a filter
   * of an earlier configuration.
   */
  readonly subscriptions?: readonly number[] | undefined;
}
