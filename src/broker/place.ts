import type { DeviceMessage, GapReason } from '../kernel/device-message.ts';

/** Told of what is not there any more. `count`: null when it is not known. */
export interface Misses {
  missed(deviceId: string, reason: GapReason, count: number | null): void;
}

/** Where a device of a subscription begins. */
export interface PlaceOptions {
  /** The last message that the subscription has had, or knows it has missed. */
  readonly sequence: number;
  /** The last message before it was opened. */
  readonly registered: number;
  /** The newest interruption of the source that it knows of, or that was before its first message. */
  readonly interruption: number;
}

/**
 * How far one subscription has come with one device. What lies between a place and
 * a message is asked here alone: a hole in the sequence is a loss because every
 * message of a device is for each of its subscriptions.
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

  /** Whether the subscription began behind what was there. */
  get isBehind(): boolean {
    return this.#sequence < this.registered;
  }

  /** How many messages lie between the place and this message; negative when it has come further. */
  missedBefore({ sequence }: DeviceMessage): number {
    return sequence - this.#sequence - 1;
  }

  /** How many messages up to this number were published to the subscription and have not been delivered. */
  owedUpTo(sequence: number): number {
    return sequence - Math.max(this.#sequence, this.registered);
  }

  /** Goes on behind messages that will not be delivered. Whoever calls it tells why. */
  skip(count: number): void {
    this.#sequence += count;
  }

  /** Goes to the message that is delivered next, and tells of an interruption of the source on the way. */
  moveTo({ deviceId, sequence, interruption }: DeviceMessage, misses: Misses): void {
    this.#sequence = sequence;
    this.tellInterruption(deviceId, interruption, misses);
  }

  /** Tells of an interruption that is newer than the one that the place knows of. */
  tellInterruption(deviceId: string, interruption: number, misses: Misses): void {
    if (interruption <= this.#interruption) return;
    this.#interruption = interruption;
    misses.missed(deviceId, 'SOURCE_INTERRUPTED', null);
  }
}
