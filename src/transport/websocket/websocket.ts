import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import { CloseCode } from './close-code.ts';
import { createGraphqlWebSocketServer } from './graphql-websocket.ts';
import type { HttpConnection } from '../http/http-connections.ts';
import {
  asksForGaps,
  keepAliveData,
  PlainRequestError,
  subscribePlain,
  type PlainRenderings,
} from '../plain/plain-stream.ts';
import { urlOf } from '../http/request-target.ts';
import type { TransportContext } from '../transport-context.ts';
import {
  ClientWebSocket,
  WebSocketConnection,
  type WebSocketConnectionOptions,
} from './websocket-connection.ts';

export interface WebSocketUpgrades {
  /** Takes over an upgrade request of the HTTP server. False: there is no WebSocket at its address, and nothing was done. */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    connection: HttpConnection,
  ): boolean;
}

const noBytes = Buffer.alloc(0);
/** How long a connection that was refused may take to go. */
const refusedCloseMs = 1_000;

/** The two WebSocket endpoints: `/graphql` and `/api/v1/stream`. */
export function createWebSocketUpgrades(
  context: TransportContext,
  plain: PlainRenderings,
): WebSocketUpgrades {
  const { connections, limits, hide } = context;
  const openGraphql = createGraphqlWebSocketServer(context);
  const shared = {
    noServer: true,
    WebSocket: ClientWebSocket,
    clientTracking: false,
    // Without context takeover what is compressed once serves all, and nobody needs a window of their own.
    perMessageDeflate: limits.websocketCompression === 'on' && {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
    },
    // A message in pieces costs far more memory than its bytes.
    maxFragments: 64,
    maxBufferedChunks: 1_024,
    // Answered by the connection, which first looks at how much waits for the client.
    autoPong: false,
    // The protocol core winds an operation up in promise jobs after its `complete`: a
    // `subscribe` with the same id in the same chunk must not come before they are done,
    // or it is completed along with the operation before it.
    allowSynchronousEvents: false,
  } as const;
  const servers = new Map([
    [
      '/graphql',
      new WebSocketServer({ ...shared, handleProtocols, maxPayload: limits.maxRequestBytes }),
    ],
    // Nothing is expected of its clients.
    ['/api/v1/stream', new WebSocketServer({ ...shared, maxPayload: 1_024 })],
  ]);

  async function openPlain(
    options: WebSocketConnectionOptions,
    query: URLSearchParams,
  ): Promise<void> {
    const connection = new PlainWebSocketConnection(context, options);
    const { compressed } = connection;
    try {
      const tellsGaps = asksForGaps(query);
      const subscription = await subscribePlain(context, query, options.caller);
      connection.pump.add({
        subscription,
        rendering: compressed ? plain.compressedWebSocket : plain.webSocket,
        gaps: tellsGaps ? plain.gaps[compressed ? 'compressedWebSocket' : 'webSocket'] : undefined,
        head: () => noBytes,
        ended(reason, error) {
          if (reason === 'CONNECTION_LOST' || reason === 'SHUTTING_DOWN') return;
          connection.fail(
            error === undefined ? 'The stream has ended' : hide(error).message,
            reason === 'SLOW_CONSUMER' ? CloseCode.TryAgainLater : CloseCode.InternalError,
          );
        },
      });
    } catch (error) {
      if (error instanceof PlainRequestError) connection.fail(error.message, CloseCode.BadRequest);
      // Nobody above would catch it.
      else connection.fail(hide(error).message, CloseCode.InternalError);
    }
  }

  return {
    upgrade(request, socket, head, connection) {
      const { pathname, searchParams } = urlOf(request);
      const server = servers.get(pathname);
      if (server === undefined) return false;
      // What is compressed once for all has the full window: a client that can't have that goes without.
      if (
        request.headers['sec-websocket-extensions']?.includes('server_max_window_bits') === true
      ) {
        delete request.headers['sec-websocket-extensions'];
      }
      // Until `ws` has it, a reset would be an unhandled error.
      socket.on('error', ignoreReset);
      const open = (webSocket: ClientWebSocket): void => {
        socket.off('error', ignoreReset);
        const refused = connections.admit(connection);
        if (refused !== undefined) {
          webSocket.on('error', () => webSocket.terminate());
          webSocket.close(
            refused.reason === 'SHUTTING_DOWN' ? CloseCode.GoingAway : CloseCode.TryAgainLater,
            refused.message,
          );
          // It counts nowhere, so nobody else gives it up when it does not answer.
          const timer = setTimeout(() => webSocket.terminate(), refusedCloseMs);
          webSocket.once('close', () => clearTimeout(timer));
          return;
        }
        if (pathname === '/graphql') {
          openGraphql({ webSocket, socket, caller: connection.callerBy('websocket') });
        } else {
          const caller = connection.callerBy('plain-websocket');
          void openPlain({ webSocket, socket, caller }, searchParams);
        }
      };
      server.handleUpgrade(request, socket, head, open);
      return true;
    },
  };
}

/** The plain stream's frames around those of the messages. */
class PlainWebSocketConnection extends WebSocketConnection {
  override received(): undefined {
    // The stream has one direction.
  }

  override keepAlive(): void {
    this.send(`{"event":"ping","data":${keepAliveData}}`);
    super.keepAlive();
  }

  fail(message: string, code: number): void {
    this.send(JSON.stringify({ event: 'error', data: { message } }));
    this.close(code, 'See the error event');
  }
}

function ignoreReset(): void {
  // The client went away during the handshake: there is nobody to tell.
}
