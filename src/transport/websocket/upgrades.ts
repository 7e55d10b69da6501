import { WebSocketServer } from 'ws';
import type { Router } from '../http/server.ts';
import { urlOf } from '../http/request-target.ts';
import type { TransportContext } from '../transport-context.ts';
import { CloseCode } from './close-code.ts';
import { ClientWebSocket } from './websocket-connection.ts';
import type { WebSocketEndpoint } from './websocket-endpoint.ts';

/** How long a connection that was refused may take to go. */
const refusedCloseMs = 1_000;

/** Makes WebSockets of upgrade requests, by their addresses. */
export function createWebSocketUpgrades(
  { connections, limits }: TransportContext,
  endpoints: ReadonlyMap<string, WebSocketEndpoint>,
): Router['upgrade'] {
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
    // What is compressed once for all has the full window: a client that can't have that goes without.
    if (request.headers['sec-websocket-extensions']?.includes('server_max_window_bits') === true) {
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
      const caller = connection.callerBy(endpoint.transport);
      endpoint.open({ webSocket, socket, caller }, searchParams);
    };
    server.handleUpgrade(request, socket, head, open);
    return true;
  };
}

function ignoreReset(): void {
  // The client went away during the handshake: there is nobody to tell.
}
