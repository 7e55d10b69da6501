/** Calls back when it was not touched for a while. */
export class Watchdog {
  readonly #bark: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(bark: () => void) {
    this.#bark = bark;
  }

  /** From now on, so many milliseconds of silence are too many. */
  set(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#bark, ms);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
