import { BackOff, type BackOffOptions } from './back-off.ts';
import { callOut } from './call-out.ts';
import type { ConnectionStatus } from './connection-status.ts';
import { connectionLost, type Failure } from './failure.ts';
import type { Link, LinkEvents, TransportKind } from './link.ts';
import { onPageWake } from './page-wake.ts';
import { SluiceError } from './sluice-error.ts';
import { TransportChoice } from './transport-choice.ts';
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
  readonly onStatus: ((status: ConnectionStatus) => void) | undefined;
}

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
  #status: ConnectionStatus = { state: 'closed', reason: 'nothing is subscribed to' };
  #link: Link | undefined;
  #isReady = false;
  #liveSince: number | undefined;
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
  }

  get status(): ConnectionStatus {
    return this.#status;
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
    if (!this.#attached.delete(attachment) || this.#attached.size > 0) return;
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
        this.#tell({
          state: 'live',
          transport,
          since: this.#liveSince,
          ...(latencyMs !== undefined && { latencyMs }),
        });
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
      const attached = [...this.#attached];
      this.#attached.clear();
      void this.#end(failure.error.message);
      for (const attachment of attached) attachment.closed(failure.error);
      return;
    }
    const waitMs = this.#backOff.next();
    this.#retry = setTimeout(() => this.#connect(), waitMs);
    this.#tell({
      state: 'reconnecting',
      reason: failure.error.message,
      attempt: this.#backOff.attempt,
      retryAt: Date.now() + waitMs,
    });
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
    void link?.close();
    if (wasReady) for (const attachment of this.#attached) attachment.linkDown();
  }

  async #end(reason: string): Promise<void> {
    const link = this.#link;
    this.#drop();
    this.#unwatchPage?.();
    this.#unwatchPage = undefined;
    this.#backOff.reset();
    this.#refusals = 0;
    this.#tell({ state: 'closed', reason });
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

  #tell(status: ConnectionStatus): void {
    this.#status = status;
    callOut(this.#options.onStatus, status);
  }
}

export function clientClosed(): SluiceError {
  return new SluiceError('CLIENT_CLOSED', 'The client was closed: make a new one.');
}
