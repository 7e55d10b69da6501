/** Ends what waits for something that does not come. */
export interface IdleTimeout {
  /** Aborted with the error when nothing came for so long. */
  readonly signal: AbortSignal;
  /** Something came: the time does not run while that is worked on. */
  pause(): void;
  /** From now on it waits again. */
  start(): void;
}

/** 0 seconds: it waits for ever. */
export function createIdleTimeout(seconds: number, error: () => Error): IdleTimeout {
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: end.signal,
    pause() {
      clearTimeout(timer);
    },
    start() {
      clearTimeout(timer);
      if (seconds > 0) timer = setTimeout(() => end.abort(error()), seconds * 1_000);
    },
  };
}
