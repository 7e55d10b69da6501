/**
 * An invalid request for a subscription. It has its own class because a bug in the
 * gateway throws a TypeError, which is not the client's fault.
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

/** Wraps a thrown value, which may be anything, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
