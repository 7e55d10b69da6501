/** The subscription's queue was full and its policy is DISCONNECT. */
export class SlowConsumerError extends Error {
  override readonly name = 'SlowConsumerError';
  /** Stable, for `extensions.code`. */
  readonly extensions = { code: 'SLOW_CONSUMER' };

  constructor(maxQueued: number) {
    super(
      `The subscription was ended because its queue of ${maxQueued} messages was full. ` +
        'Resume it behind the last position that you received.',
    );
  }
}
