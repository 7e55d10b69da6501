import type { Server, WebSocket as ProtocolSocket } from 'graphql-ws';
import type { RawData } from 'ws';
import type { Quota } from '../../../schema/builder.ts';
import { CloseCode } from './close-code.ts';
import { quotaOf } from '../connection-quota.ts';
import type { TransportContext } from '../transport-context.ts';
import { WebSocketConnection, type WebSocketConnectionOptions } from './websocket-connection.ts';

/** A WebSocket as the protocol core sees it. */
export class GraphqlConnection extends WebSocketConnection implements ProtocolSocket {
  readonly protocol: string;
  /** Its subscriptions to `brokerStats`. */
  statsStreams = 0;
  #receive: ((message: unknown) => Promise<void>) | undefined;
  #coreClosed: ((code: number, reason: string) => Promise<void>) | undefined;

  constructor(context: TransportContext, options: WebSocketConnectionOptions) {
    super(context, options);
    this.protocol = options.webSocket.protocol;
  }

  serve(server: Server<GraphqlConnection>): void {
    this.#coreClosed = server.opened(this, this);
  }

  onMessage(receive: (text: string) => Promise<void>): void {
    // It also accepts a parsed message, which its types do not say.
    this.#receive = receive as (message: unknown) => Promise<void>;
  }

  quota(): Quota {
    return quotaOf(this.context, () => ({
      subscriptions: this.outgoing.size,
      devices: this.outgoing.devices,
      statsStreams: this.statsStreams,
    }));
  }

  override received(data: RawData): Promise<void> | undefined {
    const text = textOf(data);
    return this.context.turns.run(this, () => this.#handle(text));
  }

  /** Sends the single answer of an operation; false when there is no room for it. */
  sendAnswer(id: string, text: string): boolean {
    return this.trySend(`{"id":${JSON.stringify(id)},"type":"next","payload":${text}}`);
  }

  /**
   * Messages are handled one after the other: the operation that a message refers to
   * may still be opened by an earlier message.
   */
  #handle(text: string): undefined {
    // The connection may have ended while the operation waited for its turn.
    if (!this.open) return undefined;
    this.#receive?.(messageIn(text)).catch((error: unknown) => {
      if (isFaultOfClient(error)) {
        this.close(CloseCode.BadRequest, 'Invalid message received');
        return;
      }
      this.context.logger.error(
        { event: 'operation.failed', who: this.caller.who, err: error },
        'A WebSocket message could not be handled',
      );
      this.close(CloseCode.InternalServerError, 'Internal server error');
    });
    return undefined;
  }

  override close(
    code: number = CloseCode.InternalServerError,
    reason: string = 'Internal server error',
  ): void {
    super.close(code, reason);
  }

  override closed(code: number, reason: string): void {
    super.closed(code, reason);
    void this.#coreClosed?.(code, reason);
  }
}

/** Parses the message. The protocol core would keep the text while the operation that it starts lasts. */
function messageIn(text: string): unknown {
  try {
    const message: unknown = JSON.parse(text);
    // The core would parse a string again.
    return typeof message === 'string' ? undefined : message;
  } catch {
    // The core closes the connection when it gets an invalid message.
    return undefined;
  }
}

/**
 * Whether it is a message of a type that only a server sends, or a ping whose payload
 * is nested too deeply to be printed in the pong: for these the protocol core throws,
 * where the protocol requires 4400.
 */
function isFaultOfClient(error: unknown): boolean {
  if (error instanceof RangeError) return true;
  return error instanceof Error && /^Unexpected message of type \w+ received$/.test(error.message);
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}
