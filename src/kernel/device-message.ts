/**
 * One message of one device. Immutable: the log, every queue and every
 * rendering share this one object by reference, so nothing may write to it.
 */
export interface DeviceMessage {
  readonly deviceId: string;
  /** The MQTT topic it came on, as the broker spelled it. */
  readonly topic: string;
  /**
   * The payload's JSON text exactly as the device sent it, less white space
   * around it. It is spliced into results and never printed again from a
   * parsed value: a parse would round a number beyond 2^53 or turn 1.0 into 1.
   */
  readonly payload: string;
  /** When the gateway received it, in milliseconds since 1970 (UTC). */
  readonly receivedAt: number;
  /** The MQTT broker had kept it and sent it at the subscription: it may be of any age. */
  readonly retained: boolean;
  /**
   * Only of a retained message: when the last message before it was received that
   * was not retained, in milliseconds since 1970 (UTC); null when there was none.
   * Of any other message that would be its own `receivedAt`.
   */
  readonly lastSeenAt?: number | null;
  /** New whenever the log is new, and whenever its device was forgotten: numbers of two epochs have nothing to do with each other. */
  readonly epoch: string;
  /** Its number among the messages of its device in this epoch, from 1, without holes. */
  readonly sequence: number;
  /**
   * The number of the newest interruption of the source, up to this message, that
   * may have cost messages of its device; 0: none. Interruptions count from 1.
   */
  readonly interruption: number;
  /** The number of the first message of its device behind that interruption: its own when it is the first. */
  readonly interruptedAt: number;
}

/** Why a subscription missed messages. The words are those of the SDL. */
export type GapReason =
  | 'QUEUE_OVERFLOW'
  | 'CONFLATED'
  | 'HISTORY_EXPIRED'
  | 'SOURCE_INTERRUPTED'
  | 'STREAM_RESET';

/** What one subscription missed of one device directly before a message. */
export interface Gap {
  /** How many messages; null when it can't be known. */
  readonly missed: number | null;
  readonly reason: GapReason;
}
