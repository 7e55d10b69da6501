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

/** What a kind of stream says of itself, around its messages. */
export interface StreamForm {
  readonly contentType: string;
  /** Browsers tell that a stream is open with the first byte of the body, not with the headers. */
  opening(id: string): string;
  /** What keeps proxies from cutting a silent stream. */
  readonly keepAlive: string;
  /** The last words when the gateway shuts down: they MUST NOT read as completion, since the client shall come back. */
  readonly goingAway: string;
}

/** Why a connection may not carry a stream; undefined when it may. */
export function streamRefusal(
  { connections, refusals }: TransportContext,
  connection: HttpConnection,
): RequestError | undefined {
  const refused = connections.admit(connection);
  if (refused !== undefined) return new RequestError(503, `${refused.message}.`);
  // Behind an answer that is not complete it would wait, and in front of others it would never end.
  if (connection.answering > 1) {
    refusals.count('BUSY_SOCKET');
    return new RequestError(
      429,
      'This connection is answering another request: a stream needs one of its own.',
    );
  }
  return undefined;
}

/** Also the answer to a HEAD, with nothing behind it. */
export function writeStreamHead(response: ServerResponse, { contentType }: StreamForm): void {
  response.writeHead(200, {
    'content-type': contentType,
    'cache-control': 'no-cache, no-transform',
    // nginx holds back a response that it may buffer.
    'x-accel-buffering': 'no',
  });
}

export interface ResponseStreamOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly form: StreamForm;
  /** What the client comes back with, if it is cut off before the first message; the empty string: nothing. */
  readonly id?: string | undefined;
  /** Every end of the stream leads here, once. */
  readonly closed?: () => void;
}

/** More than this must not wait for a client that makes the gateway answer and does not read. */
const maxWaitingBytes = 4 * 1024 * 1024;

/** Events and parts follow each other without anything between them. */
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

    // A body that nobody reads would hide the end of the connection behind it.
    request.resume();
    // A dead peer shows when what is sent is not acknowledged; the kernel asks a silent one.
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

  /** Sends whole events or parts, behind everything that is due. */
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

  /** Resolves when the client has taken enough of what was sent to be sent more, or has gone. */
  room(): Promise<void> {
    if (this.#response.destroyed || !this.#response.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Ends the response, behind everything that is due. */
  end(): void {
    this.outgoing.outbox.flush();
    this.#response.end();
  }

  keepAlive(): void {
    // What waits for the client already keeps the connection alive.
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
    // node:http corks the socket until the next tick; only what the kernel has refused shall count as waiting.
    response.socket?.uncork();
  }

  failed(error: unknown): void {
    this.#response.destroy(asError(error));
  }
}
