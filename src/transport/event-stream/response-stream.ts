import type { IncomingMessage, ServerResponse } from 'node:http';
import { asError } from '../../broker/errors.ts';
import type { Framing } from '../../delivery/joiner.ts';
import { Outbox, type OutboxTarget } from '../../delivery/outbox.ts';
import { OutgoingStreams } from '../../delivery/outgoing-streams.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { ClientConnection } from '../connections.ts';
import { RequestError } from '../http/graphql-request.ts';
import type { HttpConnection } from '../http/http-connections.ts';
import type { TransportContext } from '../transport-context.ts';

/** The parts of a kind of stream around its messages. */
export interface StreamForm {
  readonly contentType: string;
  /**
   * The first bytes. Browsers report that a stream is open at the first byte of the
   * body, not at the headers.
   */
  opening(id: string): string;
  /** The keep-alive that prevents proxies from closing a silent stream. */
  readonly keepAlive: string;
  /**
   * The last bytes when the gateway shuts down. They MUST NOT look like completion,
   * because the client has to reconnect.
   */
  readonly goingAway: string;
}

/** Why a connection may not carry a stream; undefined when it may. */
export function streamRefusal(
  { connections, refusals }: TransportContext,
  connection: HttpConnection,
): RequestError | undefined {
  const refused = connections.admit(connection);
  if (refused !== undefined) return new RequestError(503, `${refused.message}.`);
  // The stream would wait for an incomplete answer before it, and answers after it would wait for
  // the stream's end.
  if (connection.answering > 1) {
    refusals.count('BUSY_SOCKET');
    return new RequestError(
      429,
      'This connection is answering another request: a stream needs one of its own.',
    );
  }
  return undefined;
}

/** Also the answer to a HEAD, without a body. */
export function writeStreamHead(response: ServerResponse, { contentType }: StreamForm): void {
  response.writeHead(200, {
    'content-type': contentType,
    'cache-control': 'no-cache, no-transform',
    // Without it, nginx buffers the response.
    'x-accel-buffering': 'no',
  });
}

export interface ResponseStreamOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly form: StreamForm;
  /**
   * The text with which a client resumes when it is disconnected before the first
   * message; the empty string: none.
   */
  readonly id?: string | undefined;
  /** Every end of the stream leads here, once. */
  readonly closed?: () => void;
}

/** The maximum of waiting bytes for a client that requests answers and does not read. */
const maxWaitingBytes = 4 * 1024 * 1024;

/** Events and parts need no bytes between them. */
const framing: Framing = {
  overhead: () => 0,
  writeHeader: (_target, offset) => offset,
};

/** An HTTP response that does not end by itself, with its outbox. The headers and the first bytes leave at once. */
export class ResponseStream implements ClientConnection {
  readonly outgoing: OutgoingStreams;
  readonly caller: Caller;
  readonly #context: TransportContext;
  readonly #response: ServerResponse;
  readonly #form: StreamForm;
  #waiting: (() => void)[] = [];

  constructor(context: TransportContext, options: ResponseStreamOptions) {
    const { connections, flushQueue } = context;
    const { request, response, form } = options;
    this.caller = options.caller;
    this.#context = context;
    this.#response = response;
    this.#form = form;
    this.outgoing = new OutgoingStreams(
      new Outbox(new ResponseTarget(response), framing, flushQueue),
    );
    connections.add(this);

    // An unread body would hide the end of the connection.
    request.resume();
    // A dead peer is detected when sent data is not acknowledged; for a silent stream, the kernel
    // probes the peer.
    request.socket.setKeepAlive(true, 30_000);
    request.socket.setNoDelay(true);
    request.socket.setTimeout(0);
    response.on('drain', () => {
      this.outgoing.socketDrained();
      this.#wake();
    });
    response.on('close', () => {
      connections.remove(this);
      context.unread.give(this, Number.POSITIVE_INFINITY);
      this.outgoing.end('CONNECTION_LOST');
      this.#wake();
      options.closed?.();
    });
    writeStreamHead(response, form);
    this.send(form.opening(options.id ?? ''));
  }

  /** Sends whole events or parts, after everything that waits. */
  send(text: string): void {
    const response = this.#response;
    if (response.writableEnded || response.destroyed) return;
    this.outgoing.outbox.flush();
    const { logger, refusals, unread } = this.#context;
    if (response.writableLength > maxWaitingBytes) {
      refusals.count('UNREAD');
      logger.warn(
        { event: 'connection.unread', who: this.caller.who, waitingBytes: response.writableLength },
        'A client asks and does not read: its stream is given up',
      );
      this.terminate();
      return;
    }
    const bytes = Buffer.byteLength(text);
    if (unread.take(this, bytes)) response.write(text, () => unread.give(this, bytes));
    else this.terminate();
  }

  /** Resolves when the client has read enough to be sent more, or has disconnected. */
  room(): Promise<void> {
    if (this.#response.destroyed || !this.#response.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Ends the response, after everything that waits. */
  end(): void {
    this.outgoing.outbox.flush();
    this.#response.end();
  }

  keepAlive(): void {
    // Waiting data keeps the connection alive.
    if (this.#response.writableLength === 0) this.send(this.#form.keepAlive);
  }

  drain(): void {
    this.outgoing.whenEmpty(() => {
      this.outgoing.end('SHUTTING_DOWN');
      if (this.#form.goingAway !== '') this.send(this.#form.goingAway);
      this.end();
    });
  }

  terminate(): void {
    this.#response.destroy();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** The response of a stream. */
export class ResponseTarget implements OutboxTarget {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get waiting(): number {
    return this.#response.writableLength;
  }

  write(bytes: Buffer): void {
    const response = this.#response;
    if (response.writableEnded || response.destroyed) return;
    response.write(bytes);
    // node:http corks the socket until the next tick; only bytes that the kernel has refused must
    // count as waiting.
    response.socket?.uncork();
  }

  failed(error: unknown): void {
    this.#response.destroy(asError(error));
  }
}
