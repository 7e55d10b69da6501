import { callOut } from './call-out.ts';
import type { ConnectionFailure } from './connection-status.ts';

/** A restart of the gateway, or a short outage of the network, takes fewer attempts. */
const minFailures = 5;
/** Attempts that time out are few. */
const minFailingMs = 15_000;
/** Codes come from the gateway: what is kept of them is bounded. */
const maxCauses = 16;

/** Says what keeps the client from being served: once for each cause, and once when it is over. */
export class Warnings {
  readonly #tell: ((message: string) => void) | undefined;
  readonly #causes = new Set<string>();
  #minFailures = minFailures;

  /** Default: to the console. */
  constructor(onWarning: ((message: string) => void) | false = toConsole) {
    this.#tell = onWarning === false ? undefined : onWarning;
  }

  /** An attempt has failed, and another one follows. */
  failed(cause: string, { reason, count, since }: ConnectionFailure): void {
    if (count === 1) this.#minFailures = minFailures;
    const isLasting = count >= this.#minFailures || this.#hasLasted(since);
    if (!isLasting || this.#causes.has(cause) || this.#causes.size >= maxCauses) return;
    this.#causes.add(cause);
    // What comes and goes is told ever more rarely.
    this.#minFailures = count * 2;
    this.#say(
      `${reason} (${count} ${count === 1 ? 'attempt has' : 'attempts in a row have'} failed, more follow)`,
    );
  }

  /** No attempt follows. */
  closed(reason: string): void {
    this.#causes.clear();
    this.#say(`${reason} (the client is closed)`);
  }

  /** It is served. */
  recovered(address: string): void {
    if (this.#causes.size === 0) return;
    this.#causes.clear();
    this.#say(`${address}: it works again`);
  }

  /** Nothing is wanted any more. */
  forget(): void {
    this.#causes.clear();
    this.#minFailures = minFailures;
  }

  #hasLasted(since: number): boolean {
    return this.#minFailures === minFailures && Date.now() - since >= minFailingMs;
  }

  #say(message: string): void {
    callOut(this.#tell, `Sluice: ${message}.`);
  }
}

function toConsole(message: string): void {
  // oxlint-disable-next-line no-console -- a page has no other place for its developer
  console.warn(message);
}
