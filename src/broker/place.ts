import type { DeviceMessage, GapReason } from '../kernel/device-message.ts';

/** Told of messages that cannot be delivered. `count` is null when unknown. */
export interface Misses {
  missed(deviceId: string, reason: GapReason, count: number | null): void;
}

/** Where a subscription begins with one device. */
export interface PlaceOptions {
  /** The last message that was delivered, or that the subscription knows it has missed. */
  readonly sequence: number;
  /** The last message before the subscription was opened. */
  readonly registered: number;
  /** The newest interruption of the source that was reported, or that was before its first message. */
  readonly interruption: number;
}

/**
 * How far one subscription has read one device. Only this class computes what lies
 * between a place and a message: a hole in the sequence is a loss because every message
 * of a device is for each of its subscriptions.
 */
export class Place {
  readonly registered: number;
  #sequence: number;
  #interruption: number;

  constructor({ sequence, registered, interruption }: PlaceOptions) {
    this.registered = registered;
    this.#sequence = sequence;
    this.#interruption = interruption;
  }

  get sequence(): number {
    return this.#sequence;
  }

  get interruption(): number {
    return this.#interruption;
  }

  /** Whether the place is before the last message that existed when the subscription was opened. */
  get isBehind(): boolean {
    return this.#sequence < this.registered;
  }

  /**
   * How many messages lie between the place and this message; negative when the place
   * is past the message.
   */
  missedBefore({ sequence }: DeviceMessage): number {
    return sequence - this.#sequence - 1;
  }

  /** How many messages up to this number were published to the subscription and have not been delivered. */
  owedUpTo(sequence: number): number {
    return sequence - Math.max(this.#sequence, this.registered);
  }

  /** Skips messages that will not be delivered. The caller reports why. */
  skip(count: number): void {
    this.#sequence += count;
  }

  /** Moves to the message that is delivered next, and reports an interruption of the source on the way. */
  moveTo({ deviceId, sequence, interruption }: DeviceMessage, misses: Misses): void {
    this.#sequence = sequence;
    this.tellInterruption(deviceId, interruption, misses);
  }

  /** Reports an interruption that is newer than the newest known one. */
  tellInterruption(deviceId: string, interruption: number, misses: Misses): void {
    if (interruption <= this.#interruption) return;
    this.#interruption = interruption;
    misses.missed(deviceId, 'SOURCE_INTERRUPTED', null);
  }
}
