import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { Outbox, type Turn } from '../delivery/outbox.ts';
import { Pump } from '../delivery/pump.ts';
import { webSocketFraming } from '../delivery/websocket-framing.ts';
import type { Logger } from '../observe/logger.ts';
import { CloseCode } from './close-code.ts';
import type { ClientConnection, Connections } from './connections.ts';

/** More than this must not wait for a client that sends and does not read: it is no client but an attack. */
const maxWaitingBytes = 4 * 1024 * 1024;
/** The same for pongs, of which each costs far more memory than its few bytes. */
const maxWaitingPongs = 32_768;
/** Pings without an answer, after which the peer is taken for dead. */
const maxUnanswered = 2;

export interface WebSocketConnectionOptions {
  readonly webSocket: WebSocket;
  /** The stream below it, as the upgrade gave it. */
  readonly socket: Duplex;
  readonly connections: Connections;
  readonly turn: Turn;
  readonly logger: Logger;
  readonly who: string;
  /** Every end of the connection leads here, once. */
  readonly closed: (code: number, reason: string) => void;
}

/**
 * A WebSocket, with its outbox: device messages leave joined, past `ws`, and
 * all else leaves through `ws`, after what was due before it.
 */
export class WebSocketConnection implements ClientConnection {
  readonly outbox: Outbox;
  readonly pump: Pump;
  readonly who: string;
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #logger: Logger;
  #unanswered = 0;
  #waitingPongs = 0;

  constructor(options: WebSocketConnectionOptions) {
    const { webSocket, socket, connections, who } = options;
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#logger = options.logger;
    this.who = who;
    this.outbox = new Outbox(new SocketTarget(socket), webSocketFraming, options.turn);
    this.pump = new Pump(this.outbox);
    connections.add(this);

    socket.on('drain', () => this.pump.drained());
    webSocket.on('pong', () => {
      this.#unanswered = 0;
    });
    webSocket.on('ping', (data: Buffer) => {
      if (!this.#mayWait()) return;
      this.#waitingPongs += 1;
      webSocket.pong(data, false, () => {
        this.#waitingPongs -= 1;
      });
    });
    webSocket.on('error', (error) => {
      // Frames that break the protocol, a message that is too large: `ws` closes by itself.
      this.#logger.debug({ who, err: error }, 'WebSocket error');
    });
    webSocket.on('close', (code, reason) => {
      connections.remove(this);
      this.pump.end('CONNECTION_LOST');
      options.closed(code, reason.toString());
    });
  }

  get open(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  /** Sends one text message, behind everything that is due. */
  send(text: string): void {
    if (!this.open) return;
    this.outbox.flush();
    if (this.#mayWait()) this.#webSocket.send(text);
  }

  /** Closes with a code and a reason of at most 123 bytes. Nothing is delivered after that. */
  close(code: number, reason: string): void {
    if (this.open) this.outbox.flush();
    this.pump.end('CONNECTION_LOST');
    this.#webSocket.close(code, reason);
  }

  keepAlive(): void {
    if (this.#unanswered >= maxUnanswered) {
      this.#logger.info({ who: this.who }, 'WebSocket peer does not answer: connection given up');
      this.terminate();
      return;
    }
    this.#unanswered += 1;
    if (this.open && this.#mayWait()) this.#webSocket.ping();
  }

  drain(): void {
    this.pump.whenEmpty(() => {
      this.pump.end('SHUTTING_DOWN');
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
    this.#logger.warn(
      { who: this.who, waitingBytes: this.#socket.writableLength },
      'WebSocket client sends and does not read: connection given up',
    );
    this.terminate();
    return false;
  }
}

class SocketTarget {
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
}
