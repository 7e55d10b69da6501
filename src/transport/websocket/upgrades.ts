import { WebSocketServer } from 'ws';
import type { Router } from '../http/server.ts';
import { urlOf } from '../http/request-target.ts';
import type { TransportContext } from '../transport-context.ts';
import { CloseCode } from './close-code.ts';
import { ClientWebSocket } from './websocket-connection.ts';
import type { WebSocketEndpoint } from './websocket-endpoint.ts';

/** How long a refused connection may take to close. */
const refusedCloseMs = 1_000;

/** Turns upgrade requests into WebSockets, by their addresses. */
export function createWebSocketUpgrades(
  { connections, limits }: TransportContext,
  endpoints: ReadonlyMap<string, WebSocketEndpoint>,
): Router['upgrade'] {
  const shared = {
    noServer: true,
    WebSocket: ClientWebSocket,
    clientTracking: false,
    // Without context takeover, a message that is compressed once serves all clients, and no
    // connection needs its own window.
    perMessageDeflate: limits.websocketCompression === 'on' && {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
    },
    // A message in pieces costs far more memory than its bytes.
    maxFragments: 64,
    maxBufferedChunks: 1_024,
    // The connection answers them, after it has checked how much waits for the client.
    autoPong: false,
    // The protocol core ends an operation in promise jobs after its `complete`: a `subscribe` with
    // the same id in the same chunk must not be handled before they are done, otherwise it would be
    // completed together with the earlier operation.
    allowSynchronousEvents: false,
  } as const;
  const served = new Map(
    Array.from(endpoints, ([pathname, endpoint]) => {
      const { maxMessageBytes: maxPayload, handleProtocols } = endpoint;
      const server = new WebSocketServer({
        ...shared,
        maxPayload,
        ...(handleProtocols !== undefined && { handleProtocols }),
      });
      return [pathname, { endpoint, server }] as const;
    }),
  );

  return (request, socket, head, connection) => {
    const { pathname, searchParams } = urlOf(request);
    const found = served.get(pathname);
    if (found === undefined) return false;
    const { endpoint, server } = found;
    // Shared compressed messages use the full window: a client that cannot have that gets
    // uncompressed ones.
    if (request.headers['sec-websocket-extensions']?.includes('server_max_window_bits') === true) {
      delete request.headers['sec-websocket-extensions'];
    }
    // Until `ws` has taken the socket, a reset would be an unhandled error.
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
        // It is not counted anywhere, so nothing else would close it when it does not answer.
        const timer = setTimeout(() => webSocket.terminate(), refusedCloseMs);
        webSocket.once('close', () => clearTimeout(timer));
        return;
      }
      const caller = connection.callerBy(endpoint.transport);
      endpoint.open({ webSocket, socket, caller }, searchParams);
    };
    server.handleUpgrade(request, socket, head, open);
    return true;
  };
}

function ignoreReset(): void {
  // The client disconnected during the handshake: there is nobody to tell.
}
