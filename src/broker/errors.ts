/**
 * A request that no subscription can have. A class of its own: a TypeError would
 * also be what a bug of ours throws, and that is no fault of the one who asks.
 */
export class SubscribeError extends Error {
  override readonly name = 'SubscribeError';
  /** Stable, for `extensions.code`. */
  readonly extensions = { code: 'BAD_USER_INPUT' };
}

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

/** What somebody else's code has thrown, which may be anything. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
