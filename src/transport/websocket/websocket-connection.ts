import type { Duplex } from 'node:stream';
import { WebSocket, type RawData } from 'ws';
import { asError } from '../../broker/errors.ts';
import { Outbox, type OutboxTarget } from '../../delivery/outbox.ts';
import { OutgoingStreams } from '../../delivery/outgoing-streams.ts';
import { compressedWebSocketFraming, webSocketFraming } from '../../delivery/websocket-framing.ts';
import { CloseCode } from './close-code.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { ClientConnection } from '../connections.ts';
import type { TransportContext } from '../transport-context.ts';

/** The maximum of waiting bytes for a client that sends and does not read: more than this is an attack. */
const maxWaitingBytes = 4 * 1024 * 1024;
/** The maximum of waiting pongs: each costs far more memory than its few bytes. */
const maxWaitingPongs = 32_768;
/** The bytes before the payload of a client's control frame: the head with its mask [RFC 6455, 5.2]. */
const controlHeadBytes = 6;
/** The maximum payload of a control frame, less the two bytes of the code. */
const maxReasonBytes = 123;
/** The number of unanswered pings after which the peer counts as dead. */
const maxUnanswered = 2;

/**
 * A WebSocket with a reference for its listeners: they are the same few functions for
 * all sockets, because separate closures would be a large part of the cost of an idle
 * connection.
 */
export class ClientWebSocket extends WebSocket {
  connection: WebSocketConnection | undefined;
}

export interface WebSocketConnectionOptions {
  readonly webSocket: ClientWebSocket;
  /** The stream below it, from the upgrade. */
  readonly socket: Duplex;
  readonly caller: Caller;
}

/**
 * A WebSocket with its outbox: device messages are joined and bypass `ws`; everything
 * else is sent through `ws`, after the waiting messages.
 */
export abstract class WebSocketConnection implements ClientConnection {
  readonly context: TransportContext;
  readonly outgoing: OutgoingStreams;
  readonly caller: Caller;
  /** Whether permessage-deflate was negotiated, the only supported extension. */
  readonly compressed: boolean;
  readonly #webSocket: ClientWebSocket;
  readonly #socket: Duplex;
  #unanswered = 0;
  #waitingPongs = 0;
  /** Messages that wait for their turn: the messages of one chunk wait together. */
  #waitingMessages = 0;
  /** The bytes of a message that is still arriving, or that waits for its turn. */
  #incomingBytes = 0;
  #incomingSince = 0;

  constructor(
    context: TransportContext,
    { webSocket, socket, caller }: WebSocketConnectionOptions,
  ) {
    this.context = context;
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.caller = caller;
    this.compressed = webSocket.extensions !== '';
    const framing = this.compressed ? compressedWebSocketFraming : webSocketFraming;
    this.outgoing = new OutgoingStreams(
      new Outbox(new SocketTarget(socket), framing, context.flushQueue),
    );
    context.connections.add(this);

    webSocket.connection = this;
    webSocket.on('message', onMessage);
    webSocket.on('ping', onPing);
    webSocket.on('pong', onPong);
    webSocket.on('error', onError);
    webSocket.on('close', onClose);
    const connected: ConnectedSocket = socket;
    connected.connection = this;
    socket.on('drain', onDrain);
    socket.on('data', onData);
  }

  /**
   * Handles a message from the client. When it returns a promise, the message waits for
   * its turn, and nothing more is read until then.
   */
  abstract received(data: RawData): Promise<void> | undefined;

  /** A whole message has arrived. */
  message(data: RawData): void {
    const { incoming, logger } = this.context;
    const arrived = this.#incomingBytes;
    // This may be more bytes than were counted for it: the message was compressed, or came in one
    // chunk with an earlier one.
    const bytes = Math.max(arrived, sizeOf(data));
    this.#incomingBytes = 0;
    if (bytes > arrived && !incoming.take(this, bytes - arrived)) {
      this.terminate();
      return;
    }
    const waits = this.received(data);
    if (waits === undefined) {
      incoming.give(this, bytes);
      return;
    }
    this.#waitingMessages += 1;
    this.#webSocket.pause();
    const handled = (): void => {
      incoming.give(this, bytes);
      this.#waitingMessages -= 1;
      if (this.#waitingMessages === 0) this.#webSocket.resume();
    };
    waits.then(handled, (error: unknown) => {
      handled();
      logger.error(
        { event: 'request.failed', who: this.caller.who, err: error },
        'A WebSocket message could not be handled',
      );
    });
  }

  /** Every end of the connection leads here, once. */
  closed(_code: number, _reason: string): void {
    const { connections, incoming, unread } = this.context;
    connections.remove(this);
    incoming.give(this, Number.POSITIVE_INFINITY);
    unread.give(this, Number.POSITIVE_INFINITY);
    this.outgoing.end('CONNECTION_LOST');
  }

  ponged(data: Buffer): void {
    this.#unanswered = 0;
    this.#controlArrived(data);
  }

  pinged(data: Buffer): void {
    this.#controlArrived(data);
    if (!this.#mayWait()) return;
    this.#waitingPongs += 1;
    this.#webSocket.pong(data, false, () => {
      this.#waitingPongs -= 1;
    });
  }

  get open(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  /** Sends one text message, after everything that waits. */
  send(text: string): void {
    if (!this.trySend(text)) this.terminate();
  }

  /** Sends one text message that the connection can do without: false when there is no room for it. */
  trySend(text: string): boolean {
    if (!this.open) return true;
    this.outgoing.outbox.flush();
    if (!this.#mayWait()) return true;
    const { unread } = this.context;
    const bytes = Buffer.byteLength(text);
    if (!unread.take(this, bytes)) return false;
    this.#webSocket.send(text, () => unread.give(this, bytes));
    return true;
  }

  /** Closes with a code and a reason. Nothing is delivered after that. */
  close(code: number, reason: string): void {
    if (this.open) this.outgoing.outbox.flush();
    this.outgoing.end('CONNECTION_LOST');
    this.#webSocket.close(code, closeReason(reason));
  }

  keepAlive(): void {
    if (this.#unanswered >= maxUnanswered) {
      this.context.logger.info(
        { event: 'connection.unanswered', who: this.caller.who },
        'WebSocket peer does not answer: connection given up',
      );
      this.terminate();
      return;
    }
    const { limits, refusals } = this.context;
    if (
      this.#incomingBytes > 0 &&
      performance.now() - this.#incomingSince > limits.requestTimeoutMs
    ) {
      refusals.count('REQUEST_TIMEOUT');
      this.terminate();
      return;
    }
    this.#unanswered += 1;
    if (this.open && this.#mayWait()) this.#webSocket.ping();
  }

  /** Called when bytes have arrived, which may be any part of a message. */
  arrived(bytes: number): void {
    if (!this.open) return;
    if (this.#incomingBytes === 0) this.#incomingSince = performance.now();
    this.#incomingBytes += bytes;
    if (!this.context.incoming.take(this, bytes)) this.terminate();
  }

  /** Called when a control frame has arrived, which may come between the parts of a message. */
  #controlArrived({ length }: Buffer): void {
    const bytes = Math.min(controlHeadBytes + length, this.#incomingBytes);
    this.context.incoming.give(this, bytes);
    this.#incomingBytes -= bytes;
  }

  drain(): void {
    this.outgoing.whenEmpty(() => {
      this.outgoing.end('SHUTTING_DOWN');
      this.close(CloseCode.GoingAway, 'The gateway is shutting down');
    });
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  #mayWait(): boolean {
    if (this.#socket.writableLength <= maxWaitingBytes && this.#waitingPongs <= maxWaitingPongs) {
      return true;
    }
    this.context.refusals.count('UNREAD');
    this.context.logger.warn(
      {
        event: 'connection.unread',
        who: this.caller.who,
        waitingBytes: this.#socket.writableLength,
      },
      'WebSocket client sends and does not read: connection given up',
    );
    this.terminate();
    return false;
  }
}

function sizeOf(data: RawData): number {
  return Array.isArray(data)
    ? data.reduce((size, { length }) => size + length, 0)
    : data.byteLength;
}

/**
 * The start of a reason, as long as a close frame allows [RFC 6455, 5.5]: it may
 * contain the id of an operation, of any length.
 */
function closeReason(reason: string): string {
  const { read } = new TextEncoder().encodeInto(reason, new Uint8Array(maxReasonBytes));
  return reason.slice(0, read);
}

/** The stream with a reference for its listeners, as in {@link ClientWebSocket}. */
interface ConnectedSocket extends Duplex {
  connection?: WebSocketConnection;
}

function onDrain(this: ConnectedSocket): void {
  this.connection?.outgoing.socketDrained();
}

function onData(this: ConnectedSocket, chunk: Buffer): void {
  this.connection?.arrived(chunk.length);
}

function onMessage(this: WebSocket, data: RawData): void {
  const { connection } = this as ClientWebSocket;
  // A client may keep sending until it reads that the connection is being closed.
  if (connection?.open === true) connection.message(data);
}

function onPing(this: WebSocket, data: Buffer): void {
  (this as ClientWebSocket).connection?.pinged(data);
}

function onPong(this: WebSocket, data: Buffer): void {
  (this as ClientWebSocket).connection?.ponged(data);
}

/** The error codes of `ws` for a message that is longer, or in more pieces, than it accepts. */
const tooLarge: ReadonlySet<unknown> = new Set([
  'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
  'WS_ERR_TOO_MANY_BUFFERED_PARTS',
]);

/**
 * Called for frames that violate the protocol and for a message that is too large: `ws`
 * closes the connection by itself.
 */
function onError(this: WebSocket, error: Error & { code?: unknown }): void {
  const { connection } = this as ClientWebSocket;
  if (tooLarge.has(error.code)) connection?.context.refusals.count('REQUEST_SIZE');
  connection?.context.logger.debug(
    { event: 'connection.failed', who: connection.caller.who, err: error },
    'WebSocket error',
  );
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  (this as ClientWebSocket).connection?.closed(code, reason.toString());
}

/** The TCP socket below a WebSocket. */
export class SocketTarget implements OutboxTarget {
  readonly #socket: Duplex;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  get waiting(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  failed(error: unknown): void {
    this.#socket.destroy(asError(error));
  }
}
