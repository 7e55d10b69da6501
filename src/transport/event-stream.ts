import type { IncomingMessage, ServerResponse } from 'node:http';
import { asError } from '../broker/errors.ts';
import type { Framing } from '../delivery/joiner.ts';
import { Outbox, type OutboxTarget, type Turn } from '../delivery/outbox.ts';
import { Pump } from '../delivery/pump.ts';
import type { ClientConnection, Connections } from './connections.ts';
import { crossOrigin } from './cross-origin.ts';

export interface EventStreamOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connections: Connections;
  readonly turn: Turn;
  readonly who: string;
  /** What keeps proxies from cutting a silent stream. */
  readonly keepAliveText: string;
  /** Every end of the stream leads here, once. */
  readonly closed?: () => void;
}

/** Events follow each other without anything between them. */
const framing: Framing = {
  overhead: () => 0,
  writeHeader: (_target, offset) => offset,
};

/** A response of server-sent events, with its outbox. The headers and a first comment leave at once. */
export class EventStream implements ClientConnection {
  readonly pump: Pump;
  readonly who: string;
  readonly #response: ServerResponse;
  readonly #keepAliveText: string;
  #taken: (() => void) | undefined;

  constructor(options: EventStreamOptions) {
    const { request, response, connections } = options;
    this.who = options.who;
    this.#response = response;
    this.#keepAliveText = options.keepAliveText;
    this.pump = new Pump(new Outbox(new ResponseTarget(response), framing, options.turn));
    connections.add(this);

    // A dead peer shows when what is sent is not acknowledged; the kernel asks a silent one.
    request.socket.setKeepAlive(true, 30_000);
    request.socket.setNoDelay(true);
    request.socket.setTimeout(0);
    response.on('drain', () => {
      this.pump.drained();
      this.#taken?.();
    });
    response.on('close', () => {
      connections.remove(this);
      this.pump.end('CONNECTION_LOST');
      this.#taken?.();
      options.closed?.();
    });
    response.writeHead(200, {
      ...crossOrigin,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      connection: 'keep-alive',
      // nginx holds back a response that it may buffer.
      'x-accel-buffering': 'no',
    });
    // Browsers tell that the stream is open with the first byte of the body, not with the headers.
    this.send(':\n\n');
  }

  /** Sends whole events or comments, behind everything that is due. */
  send(text: string): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    this.pump.outbox.flush();
    this.#response.write(text);
  }

  /** Resolves when the client has taken enough of what was sent to be sent more, or has gone. */
  room(): Promise<void> {
    if (this.#response.destroyed || !this.#response.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      this.#taken = resolve;
    });
  }

  /** Ends the response, behind everything that is due. */
  end(): void {
    this.pump.outbox.flush();
    this.#response.end();
  }

  keepAlive(): void {
    // What waits for the client already keeps the connection alive.
    if (this.#response.writableLength === 0) this.send(this.#keepAliveText);
  }

  drain(): void {
    this.pump.whenEmpty(() => {
      this.pump.end('SHUTTING_DOWN');
      this.end();
    });
  }

  terminate(): void {
    this.#response.destroy();
  }
}

class ResponseTarget implements OutboxTarget {
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
