/** What the process says of its end. */
export const exitCodes = {
  /** It did what it was asked to. */
  fine: 0,
  /** It tried, and could not. */
  failed: 1,
  /** It was asked for something that makes no sense; nothing was tried. */
  wrongUse: 2,
  /** What it waited for did not come in the time that it was given. */
  idle: 3,
} as const;

/** Ends a command. Its message is for a person and says what to do. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  readonly exitCode: number = exitCodes.failed;
}

/** The flags, the variables or the input that somebody typed are wrong. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
  override readonly exitCode = exitCodes.wrongUse;
}

/** Nothing came for as long as somebody wants to wait. */
export class IdleError extends CommandError {
  override readonly name = 'IdleError';
  override readonly exitCode = exitCodes.idle;
}
