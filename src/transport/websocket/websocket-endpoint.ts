import type { ServerOptions } from 'ws';
import type { Transport } from '../../kernel/caller.ts';
import type { WebSocketConnectionOptions } from './websocket-connection.ts';

/** The protocol of the WebSockets at one address. */
export interface WebSocketEndpoint {
  readonly transport: Transport;
  /**
   * The maximum size of one message of a client, in bytes. A larger one closes the
   * connection with 1009.
   */
  readonly maxMessageBytes: number;
  /** Chooses one of the subprotocols that the client offers. Default: its first. */
  readonly handleProtocols?: ServerOptions['handleProtocols'];
  /** Accepts an admitted client. MUST NOT throw. */
  open(options: WebSocketConnectionOptions, searchParams: URLSearchParams): void;
}
