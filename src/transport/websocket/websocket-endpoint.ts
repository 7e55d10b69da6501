import type { ServerOptions } from 'ws';
import type { Transport } from '../../kernel/caller.ts';
import type { WebSocketConnectionOptions } from './websocket-connection.ts';

/** What the WebSockets of one address speak. */
export interface WebSocketEndpoint {
  readonly transport: Transport;
  /** Of one message of a client. A larger one closes the connection with 1009. */
  readonly maxMessageBytes: number;
  /** Chooses one of the subprotocols that the client offers. Default: its first. */
  readonly handleProtocols?: ServerOptions['handleProtocols'];
  /** Takes a client that was admitted. MUST NOT throw. */
  open(options: WebSocketConnectionOptions, searchParams: URLSearchParams): void;
}
