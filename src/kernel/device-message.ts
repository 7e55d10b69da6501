/**
 * One message of one device. Immutable: the log, every queue and every rendering share
 * this object by reference, so nothing may write to it.
 */
export interface DeviceMessage {
  readonly deviceId: string;
  /** The MQTT topic on which it came, as the broker sent it. */
  readonly topic: string;
  /**
   * The payload's JSON text exactly as the device sent it, without the white space
   * around it. It is copied into results and never printed from a parsed value: parsing
   * would round a number beyond 2^53, or turn 1.0 into 1.
   */
  readonly payload: string;
  /** When the gateway received it, in milliseconds since 1970 (UTC). */
  readonly receivedAt: number;
  /** Whether the MQTT broker had kept it and sent it when the gateway subscribed: it may be of any age. */
  readonly retained: boolean;
  /**
   * Only present on a retained message: when the last non-retained message before it
   * was received, in milliseconds since 1970 (UTC); null when there was none. For any
   * other message, this equals its own `receivedAt`.
   */
  readonly lastSeenAt?: number | null;
  /**
   * A new one is made when the log is new, and when the device was forgotten: numbers
   * of two epochs cannot be compared.
   */
  readonly epoch: string;
  /** Its number among the messages of its device in this epoch, from 1, without holes. */
  readonly sequence: number;
  /**
   * The number of the newest interruption of the source, up to this message, that may
   * have lost messages of its device; 0 when there was none. Interruptions are numbered
   * from 1.
   */
  readonly interruption: number;
  /**
   * The number of the first message of its device after that interruption: its own
   * number when it is the first.
   */
  readonly interruptedAt: number;
}

/** Why a subscription missed messages. The values are those of the SDL. */
export type GapReason =
  | 'QUEUE_OVERFLOW'
  | 'CONFLATED'
  | 'HISTORY_EXPIRED'
  | 'SOURCE_INTERRUPTED'
  | 'STREAM_RESET';

/** What one subscription missed of one device directly before a message. */
export interface Gap {
  /** How many messages; null when it cannot be known. */
  readonly missed: number | null;
  readonly reason: GapReason;
}
