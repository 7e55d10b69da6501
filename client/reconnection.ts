import { BackOff, type BackOffOptions } from './back-off.ts';
import { callOut } from './call-out.ts';
import type { ConnectionFailure, ConnectionState, ConnectionStatus } from './connection-status.ts';
import { connectionLost, errorAt, failureOfClose, type Failure } from './failure.ts';
import { onPageWake } from './page-wake.ts';
import { Warnings } from './warnings.ts';
import { Watchdog } from './watchdog.ts';

export interface ReconnectionOptions extends BackOffOptions {
  /** For a person. */
  readonly address: string;
  readonly connectTimeoutMs: number;
  readonly pongTimeoutMs: number;
  /** Ends the connection, or the attempt. */
  readonly terminate: () => void;
  readonly onWarning: ((message: string) => void) | false | undefined;
}

/** For so long a connection must have been live for its end to be no failure in a row with those before. */
const stableMs = 5000;

/** How a connection of graphql-ws stands, and when it is tried again. graphql-ws tells it every event, and asks it to wait. */
export class Reconnection {
  readonly #options: ReconnectionOptions;
  readonly #backOff: BackOff;
  readonly #connecting = new Watchdog(() => this.terminate('the gateway did not answer in time'));
  readonly #silence = new Watchdog(() => this.terminate('nothing came in answer to a ping'));
  readonly #listeners = new Set<(status: ConnectionStatus) => void>();
  readonly #warnings: Warnings;
  #status: ConnectionStatus;
  #operations = 0;
  #failure: Failure | undefined;
  /** All failures since the connection was last live. */
  #failures: ConnectionFailure | undefined;
  #attemptedAt = 0;
  #terminated: string | undefined;
  #socket: WebSocket | undefined;
  #liveSince: number | undefined;
  #pingedAt: number | undefined;
  #endWait: (() => void) | undefined;
  #unwatchPage: (() => void) | undefined;
  #isDisposed = false;

  constructor(options: ReconnectionOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options);
    this.#warnings = new Warnings(options.onWarning);
    const { address } = options;
    this.#status = { state: 'closed', reason: 'nothing is subscribed to', address };
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  /** Calls back with the present status, and with each that follows. Returns how to end that. */
  subscribe(listener: (status: ConnectionStatus) => void): () => void {
    // One of its own: the same function may be given twice.
    const own = (status: ConnectionStatus): void => listener(status);
    this.#listeners.add(own);
    callOut(own, this.#status);
    return () => void this.#listeners.delete(own);
  }

  /** An operation has begun. Returns what to call at its end. */
  begin(): () => void {
    this.#operations += 1;
    // The connection was about to be closed, since there was none.
    if (this.#operations === 1 && this.#status.state === 'closed' && this.#isOpen()) {
      this.#tellLive();
    }
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      this.#operations -= 1;
      // What is subscribed to in the same breath goes on over the same connection.
      queueMicrotask(() => {
        if (this.#operations === 0) this.#settle();
      });
    };
  }

  connecting(): void {
    this.#failure = undefined;
    this.#terminated = undefined;
    this.#attemptedAt = Date.now();
    this.#connecting.set(this.#options.connectTimeoutMs);
    this.#unwatchPage ??= onPageWake(() => this.#wake());
    this.#tell({ state: 'connecting', transport: 'ws' });
    // graphql-ws makes its socket first.
    if (this.#isDisposed) queueMicrotask(() => this.terminate('the connection was closed'));
  }

  connected(socket: WebSocket): void {
    this.#connecting.clear();
    this.#socket = socket;
    this.#liveSince = Date.now();
    this.#failures = undefined;
    this.#warnings.recovered(this.#options.address);
    this.#tellLive();
  }

  pinged(): void {
    this.#pingedAt = performance.now();
    this.#silence.set(this.#options.pongTimeoutMs);
  }

  ponged(): void {
    if (this.#pingedAt === undefined) return;
    const latencyMs = performance.now() - this.#pingedAt;
    this.#pingedAt = undefined;
    this.#silence.clear();
    this.#tellLive(latencyMs);
  }

  /** A busy connection may have much to deliver before the pong; the pong is still to come. */
  received(): void {
    if (this.#pingedAt !== undefined) this.#silence.set(this.#options.pongTimeoutMs);
  }

  /** No token could be had: the next attempt asks for one again. */
  tokenFailed(error: unknown): void {
    const said = error instanceof Error ? `: ${error.message}` : '';
    this.terminate(`no token could be had${said}`);
  }

  /** Ends the connection, or the attempt; graphql-ws then tells that it is closed. */
  terminate(reason: string): void {
    this.#terminated = reason;
    this.#options.terminate();
  }

  closed(code: number, said: string): void {
    const wasLive = this.#liveSince !== undefined;
    if (wasLive && Date.now() - this.#liveSince! >= stableMs) this.#backOff.reset();
    this.#connecting.clear();
    this.#silence.clear();
    this.#socket = undefined;
    this.#pingedAt = undefined;
    this.#liveSince = undefined;
    // It was closed from here, since nothing was subscribed to.
    if (code === 1000) return;
    this.#failed(this.#failureOf(code, said, wasLive));
  }

  /** Resolves when the next attempt is to begin. */
  wait(): Promise<void> {
    // graphql-ws then sees by itself that nothing is left to connect for.
    if (this.#operations === 0 || this.#isDisposed) return Promise.resolve();
    const waitMs = this.#backOff.next();
    this.#tell({
      state: 'reconnecting',
      reason: this.#reason(this.#failure ?? this.#unreachable()),
      attempt: this.#backOff.attempt,
      retryAt: Date.now() + waitMs,
    });
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#endWait?.(), waitMs);
      this.#endWait = () => {
        this.#endWait = undefined;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#endWait?.();
    if (this.#status.state === 'connecting') this.terminate('the connection was closed');
  }

  #isOpen(): boolean {
    return this.#socket?.readyState === 1;
  }

  #failureOf(code: number, said: string, wasLive: boolean): Failure {
    if (code === 4499) return connectionLost(this.#terminated ?? 'the connection was terminated');
    if (code === 1006 && !wasLive) return this.#unreachable();
    return failureOfClose(code, said, undefined);
  }

  #unreachable(): Failure {
    return connectionLost('no WebSocket connection could be made');
  }

  #reason(failure: Failure): string {
    return errorAt(this.#options.address, failure).message;
  }

  #failed(failure: Failure): void {
    this.#failure = failure;
    const reason = this.#reason(failure);
    if (!failure.passes) {
      this.#warnings.closed(reason);
      return;
    }
    const { count = 0, since = this.#attemptedAt } = this.#failures ?? {};
    this.#failures = { reason, count: count + 1, since };
    this.#warnings.failed(failure.error.code, this.#failures);
    // After an error of the socket graphql-ws asks to wait before it tells of the close.
    const status = this.#status;
    if (status.state === 'reconnecting') this.#tell({ ...status, reason });
  }

  #wake(): void {
    if (this.#endWait !== undefined) this.#endWait();
    else if (this.#isOpen()) {
      this.#socket!.send('{"type":"ping"}');
      this.pinged();
    }
  }

  /** No operation is left: graphql-ws closes its socket, or gives up coming back. */
  #settle(): void {
    this.#unwatchPage?.();
    this.#unwatchPage = undefined;
    this.#backOff.reset();
    this.#failures = undefined;
    this.#warnings.forget();
    this.#endWait?.();
    if (this.#status.state === 'closed') return;
    const failure = this.#failure;
    const why = this.#isDisposed ? 'the connection was closed' : 'nothing is subscribed to';
    const reason = failure !== undefined && !failure.passes ? this.#reason(failure) : why;
    this.#tell({ state: 'closed', reason });
  }

  #tellLive(latencyMs?: number): void {
    this.#tell({
      state: 'live',
      transport: 'ws',
      since: this.#liveSince ?? Date.now(),
      ...(latencyMs !== undefined && { latencyMs }),
    });
  }

  #tell(state: ConnectionState): void {
    const status = {
      ...state,
      address: this.#options.address,
      ...(this.#failures !== undefined && { failure: this.#failures }),
    };
    this.#status = status;
    for (const listener of this.#listeners) callOut(listener, status);
  }
}
