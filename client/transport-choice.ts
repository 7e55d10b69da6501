import type { TransportKind } from './link.ts';

/** A WebSocket that is cut within this time after it was live was cut by something that does not want it. */
const soonMs = 5000;
const maxCuts = 2;
/** Of the reconnections over SSE, each so-manieth is tried as a WebSocket again. */
const retryEvery = 4;

/** Which transport the next attempt takes: WebSocket, and SSE where proxies cut that. */
export class TransportChoice {
  readonly #isAuto: boolean;
  #current: TransportKind;
  /** WebSockets in a row that were refused or cut soon. */
  #cuts = 0;
  /** Attempts since SSE was first taken. */
  #overEvents = 0;
  #wasOpened = false;

  constructor(transport: TransportKind | 'auto') {
    this.#isAuto = transport === 'auto';
    this.#current = transport === 'auto' ? 'ws' : transport;
  }

  next(): TransportKind {
    this.#wasOpened = false;
    if (!this.#isAuto) return this.#current;
    if (this.#cuts < maxCuts) return (this.#current = 'ws');
    this.#current = this.#overEvents % retryEvery === retryEvery - 1 ? 'ws' : 'sse';
    this.#overEvents += 1;
    return this.#current;
  }

  opened(): void {
    this.#wasOpened = true;
  }

  failed(liveForMs: number): void {
    if (this.#current === 'ws') {
      if (this.#wasOpened && liveForMs >= soonMs) this.#begin();
      else this.#cuts += 1;
    } else if (!this.#wasOpened) {
      // HTTP does not work either: it is not the WebSocket's fault.
      this.#begin();
    }
  }

  #begin(): void {
    this.#cuts = 0;
    this.#overEvents = 0;
  }
}
