import { BackOff, type BackOffOptions } from './back-off.ts';
import { callOut } from './call-out.ts';
import type { ConnectionFailure, ConnectionState, ConnectionStatus } from './connection-status.ts';
import { connectionLost, errorAt, type Failure } from './failure.ts';
import type { Link, LinkEvents, TransportKind } from './link.ts';
import { onPageWake } from './page-wake.ts';
import { SluiceError } from './sluice-error.ts';
import { TransportChoice } from './transport-choice.ts';
import { Warnings } from './warnings.ts';
import { Watchdog } from './watchdog.ts';

/** Something that runs for as long as it is attached, over one link after the other. */
export interface Attachment {
  /** Here is a link that takes operations. */
  linkUp(link: Link): void;
  /** It is gone, and with it all that ran over it; another one comes. */
  linkDown(): void;
  /** No other one comes. Without an error, the client was closed. */
  closed(error: SluiceError | undefined): void;
}

export interface ConnectionOptions extends BackOffOptions {
  readonly transport: TransportKind | 'auto';
  readonly open: (kind: TransportKind, token: string | undefined, events: LinkEvents) => Link;
  readonly token: () => Promise<string | undefined>;
  /** Whether another token may come of it. */
  readonly tokenChanges: boolean;
  readonly connectTimeoutMs: number;
  /** For a person. */
  readonly address: string;
  readonly onWarning: ((message: string) => void) | false | undefined;
}

type StatusListener = (status: ConnectionStatus) => void;

/** So long a link must have been live for its end to be no failure in a row with those before. */
const stableMs = 5000;
/** A token that was refused so many times in a row is not asked for again. */
const maxRefusals = 3;

/** Keeps a link to the gateway for as long as anything is attached: the next one follows after a pause. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #attached = new Set<Attachment>();
  readonly #choice: TransportChoice;
  readonly #backOff: BackOff;
  readonly #connecting = new Watchdog(() => this.#timedOut());
  readonly #warnings: Warnings;
  /** Each in a box of its own: one function may be given twice. */
  readonly #listeners = new Set<{ readonly listener: StatusListener }>();
  /** What is attached and not served, although there is a link; the last one is the newest. */
  readonly #unserved = new Map<Attachment, ConnectionFailure>();
  #status: ConnectionStatus;
  /** Of the attempts at a link. */
  #failure: ConnectionFailure | undefined;
  #link: Link | undefined;
  #isReady = false;
  #liveSince: number | undefined;
  #attemptedAt = 0;
  /** Of the attempt that is under way or has led to the link: what comes of an earlier one is ignored. */
  #attempt = 0;
  #refusals = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #unwatchPage: (() => void) | undefined;
  #isClosed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#choice = new TransportChoice(options.transport);
    this.#backOff = new BackOff(options);
    this.#warnings = new Warnings(options.onWarning);
    this.#status = {
      state: 'closed',
      reason: 'nothing is subscribed to',
      address: options.address,
    };
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  /** Tells every change of the status, until the function that it returns is called. */
  subscribe(listener: StatusListener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  attach(attachment: Attachment): void {
    if (this.#isClosed) {
      attachment.closed(clientClosed());
      return;
    }
    this.#attached.add(attachment);
    if (this.#link !== undefined && this.#isReady) attachment.linkUp(this.#link);
    else if (this.#status.state === 'closed') this.#connect();
  }

  detach(attachment: Attachment): void {
    if (!this.#attached.delete(attachment)) return;
    if (this.#unserved.delete(attachment)) this.#tellFailure();
    if (this.#attached.size > 0) return;
    // What is attached anew in the same breath goes on over the same link.
    queueMicrotask(() => {
      if (this.#attached.size === 0 && !this.#isClosed && this.#status.state !== 'closed') {
        void this.#end('nothing is subscribed to');
      }
    });
  }

  /** An operation was told over this link that the token is not good, or not any more. */
  refused(failure: Failure, link: Link | undefined): void {
    if (link !== undefined && link === this.#link) this.#failed(failure);
  }

  /** The gateway cannot serve this now; it is tried again. */
  unserved(attachment: Attachment, error: SluiceError, count: number): void {
    const since = this.#unserved.get(attachment)?.since ?? Date.now();
    const failure = { reason: this.#withAddress(error.message), count, since };
    this.#unserved.delete(attachment);
    this.#unserved.set(attachment, failure);
    this.#tellFailure();
    // A listener may have closed the client.
    if (this.#unserved.get(attachment) !== failure) return;
    this.#warnings.failed(`operation ${error.code}`, failure);
  }

  /** The gateway serves it. */
  served(attachment: Attachment): void {
    if (!this.#unserved.delete(attachment)) return;
    this.#tellFailure();
    this.#recovered();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const attached = [...this.#attached];
    this.#attached.clear();
    for (const attachment of attached) attachment.closed(undefined);
    await this.#end('the client was closed');
  }

  #connect(): void {
    const attempt = (this.#attempt += 1);
    const transport = this.#choice.next();
    this.#unwatchPage ??= onPageWake(() => this.#wake());
    this.#connecting.set(this.#options.connectTimeoutMs);
    this.#attemptedAt = Date.now();
    this.#tell({ state: 'connecting', transport });
    const isCurrent = (): boolean => attempt === this.#attempt;
    const events: LinkEvents = {
      ready: () => {
        if (!isCurrent()) return;
        this.#isReady = true;
        this.#connecting.clear();
        for (const attachment of this.#attached) attachment.linkUp(this.#link!);
      },
      live: (latencyMs) => {
        if (!isCurrent()) return;
        this.#refusals = 0;
        this.#choice.opened();
        if (this.#liveSince !== undefined && latencyMs === undefined) return;
        this.#liveSince ??= Date.now();
        this.#failure = undefined;
        this.#tell({
          state: 'live',
          transport,
          since: this.#liveSince,
          ...(latencyMs !== undefined && { latencyMs }),
        });
        this.#recovered();
      },
      failed: (failure) => {
        if (isCurrent()) this.#failed(failure);
      },
    };
    void this.#open(transport, events, isCurrent);
  }

  async #open(
    transport: TransportKind,
    events: LinkEvents,
    isCurrent: () => boolean,
  ): Promise<void> {
    let token: string | undefined;
    try {
      token = await this.#options.token();
    } catch (error) {
      if (isCurrent()) this.#failed(connectionLost('no token could be had', error));
      return;
    }
    if (isCurrent()) this.#link = this.#options.open(transport, token, events);
  }

  #failed(failure: Failure): void {
    const liveForMs = this.#liveSince === undefined ? 0 : Date.now() - this.#liveSince;
    if (liveForMs >= stableMs) this.#backOff.reset();
    const isFinal = this.#isFinal(failure);
    if (failure.of === 'connection' && this.#link !== undefined) this.#choice.failed(liveForMs);
    this.#drop();
    if (isFinal) {
      const error = errorAt(this.#options.address, failure);
      const attached = [...this.#attached];
      this.#attached.clear();
      const count = this.#backOff.attempt + 1;
      void this.#end(error.message, this.#nextFailure(error.message, liveForMs, count));
      this.#warnings.closed(error.message);
      for (const attachment of attached) attachment.closed(error);
      return;
    }
    const waitMs = this.#backOff.next();
    const { attempt } = this.#backOff;
    const reason = this.#withAddress(failure.error.message);
    const failed = this.#nextFailure(reason, liveForMs, attempt);
    this.#failure = failed;
    this.#retry = setTimeout(() => this.#connect(), waitMs);
    this.#tell({ state: 'reconnecting', reason, attempt, retryAt: Date.now() + waitMs });
    // A listener may have closed the client.
    if (this.#failure === failed) {
      this.#warnings.failed(`${failure.of} ${failure.error.code}`, failed);
    }
  }

  #nextFailure(reason: string, liveForMs: number, count: number): ConnectionFailure {
    const began = liveForMs > 0 ? Date.now() : this.#attemptedAt;
    return { reason, count, since: this.#failure?.since ?? began };
  }

  #isFinal({ of, passes }: Failure): boolean {
    if (of !== 'token') return !passes;
    this.#refusals += 1;
    return !this.#options.tokenChanges || this.#refusals >= maxRefusals;
  }

  /** Lets go of the link, whatever its state. */
  #drop(): void {
    const link = this.#link;
    const wasReady = this.#isReady;
    this.#attempt += 1;
    this.#link = undefined;
    this.#isReady = false;
    this.#liveSince = undefined;
    this.#connecting.clear();
    clearTimeout(this.#retry);
    // They try again over the next link.
    this.#unserved.clear();
    void link?.close();
    if (wasReady) for (const attachment of this.#attached) attachment.linkDown();
  }

  async #end(reason: string, failure?: ConnectionFailure): Promise<void> {
    const link = this.#link;
    this.#drop();
    this.#unwatchPage?.();
    this.#unwatchPage = undefined;
    this.#backOff.reset();
    this.#refusals = 0;
    this.#warnings.forget();
    this.#failure = failure;
    this.#tell({ state: 'closed', reason });
    this.#failure = undefined;
    await link?.close();
  }

  #timedOut(): void {
    this.#failed(connectionLost('the gateway did not answer in time'));
  }

  #wake(): void {
    if (this.#status.state === 'reconnecting') {
      clearTimeout(this.#retry);
      this.#connect();
    } else this.#link?.probe();
  }

  #recovered(): void {
    if (this.#liveSince !== undefined && this.#unserved.size === 0) {
      this.#warnings.recovered(this.#options.address);
    }
  }

  /** The state is the same, and what goes wrong in it is not. */
  #tellFailure(): void {
    const { failure: _former, address: _address, ...state } = this.#status;
    this.#tell(state);
  }

  #tell(state: ConnectionState): void {
    const failure = this.#failure ?? [...this.#unserved.values()].at(-1);
    const { address } = this.#options;
    const status = { ...state, address, ...(failure !== undefined && { failure }) };
    this.#status = status;
    const listeners = [...this.#listeners];
    for (const { listener } of listeners) {
      // One before has changed the status, and all were told of that.
      if (this.#status !== status) return;
      callOut(listener, status);
    }
  }

  #withAddress(message: string): string {
    return `${this.#options.address}: ${message}`;
  }
}

export function clientClosed(): SluiceError {
  return new SluiceError('CLIENT_CLOSED', 'The client was closed: make a new one.');
}
