import { createServer, ServerResponse, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { RefusalReason } from '../../metrics/refusals.ts';
import { createAdmission } from '../admission.ts';
import type { TransportContext } from '../transport-context.ts';
import type { Exchange } from './endpoint.ts';
import { RequestAborted } from './graphql-request.ts';
import {
  createHttpConnections,
  type HttpConnection,
  type HttpConnections,
} from './http-connections.ts';
import { toOriginForm, urlOf } from './request-target.ts';
import { respondJson, respondNotFound } from './respond.ts';

/**
 * The limit on a request's line and headers, in bytes: a `Last-Event-ID` with the
 * positions of a thousand devices fits.
 */
const maxHeaderSize = 65_536;
/** The maximum of requests in progress on one connection. Clients that use pipelining stay below it. */
const maxPipelined = 32;
/** How often Node.js looks for requests that take too long. */
const timeoutsCheckedEveryMs = 5_000;

/** The handlers of admitted requests. */
export interface Router {
  /** MUST answer. A rejection is logged and answered with 500. */
  route(exchange: Exchange): Promise<void>;
  /**
   * Takes over an upgrade request. Returns false, and does nothing, when there is no
   * WebSocket at its address.
   */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    connection: HttpConnection,
  ): boolean;
}

export interface HttpServerOptions {
  /** The host on which it listens. */
  readonly host: string;
  /** The port. 0: any free port. */
  readonly port: number;
  readonly router: Router;
}

/** {@link HttpConnections} describes what `stop` and `drain` wait for. */
export interface HttpServer extends Pick<HttpConnections, 'stop' | 'drain'> {
  readonly listening: boolean;
  /** Its address, with the actual port once it listens. */
  readonly url: string;
  /** Rejects when it cannot listen. */
  listen(): Promise<void>;
  /** Closes a server that has not served any request. */
  close(): void;
}

/** The only HTTP server of the gateway: its sockets, its timeouts, and its answers to faults. */
export function createHttpServer(
  context: TransportContext,
  { host, port, router }: HttpServerOptions,
): HttpServer {
  const { logger, limits, refusals } = context;
  const admit = createAdmission(context);

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    connection: HttpConnection,
  ): Promise<void> {
    toOriginForm(request);
    if (!admit(request, response)) return;
    await router.route({ request, response, connection, ...urlOf(request) });
  }

  const { requestTimeoutMs } = limits;
  const server = createServer(
    {
      maxHeaderSize,
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.min(limits.headTimeoutMs, requestTimeoutMs),
      connectionsCheckingInterval: timeoutsCheckedEveryMs,
      keepAliveTimeout: limits.idleTimeoutMs,
      // Java's HttpClient and others offer HTTP/2 or TLS with each request: an offer may be ignored [RFC 9110, 7.8].
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    },
    (request, response) => {
      const connection = httpConnections.of(request);
      httpConnections.answering(response);
      if (connection.answering > maxPipelined) {
        // An answer would come after all others, with more requests before it.
        refusals.count('BUSY_SOCKET');
        connection.terminate();
        return;
      }
      if (connection.refused) response.setHeader('connection', 'close');
      answer(request, response, connection).catch((error: unknown) => {
        // The query is omitted: it may contain a token.
        const path = urlOf(request).pathname;
        // A client that has disconnected is not a fault of the gateway.
        if (response.destroyed || error instanceof RequestAborted) {
          logger.debug({ event: 'request.failed', path, err: error }, 'A client has gone');
          return;
        }
        logger.error(
          { event: 'request.failed', err: error, path },
          'A request could not be handled',
        );
        respondJson(response, 500, { error: { message: 'Internal server error' } });
      });
    },
  );
  const httpConnections = createHttpConnections(server, {
    maxConnections: limits.maxConnections,
    refused({ caller: { who } }) {
      const { maxConnections } = limits;
      refusals.count('CONNECTIONS');
      logger.warn(
        { event: 'connection.refused', who, maxConnections },
        'As many connections are open as there may be: one is refused, or ended to make room',
      );
    },
  });
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    const { status, reason } = faults.get(error.code) ?? otherFault;
    if (reason !== undefined) refusals.count(reason);
    // While another answer is being sent, these bytes would become part of it.
    const answering = httpConnections.answeringOn(socket);
    if (socket.writable && !answering) {
      socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    }
    socket.destroy();
  });
  server.on('upgrade', (request, socket, head) => {
    const connection = httpConnections.of(request);
    httpConnections.release(socket);
    toOriginForm(request);
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    if (admit(request, response)) {
      if (router.upgrade(request, socket, head, connection)) return;
      respondNotFound(response);
    }
    sendInstead(response);
  });
  return {
    get listening() {
      return server.listening;
    },
    get url() {
      const address = server.address() as AddressInfo | null;
      return `http://${host.includes(':') ? `[${host}]` : host}:${address?.port ?? port}`;
    },
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve();
        });
      }),
    close: () => void server.close(),
    stop: () => httpConnections.stop(),
    drain: (drainMs) => httpConnections.drain(drainMs),
  };
}

interface Fault {
  readonly status: string;
  readonly reason?: RefusalReason;
}

/**
 * The answers to bytes that are not a request, by the error code of Node.js: the same
 * as those of Node.js, and counted.
 */
const faults: ReadonlyMap<string | undefined, Fault> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', { status: '408 Request Timeout', reason: 'REQUEST_TIMEOUT' }],
  [
    'HPE_HEADER_OVERFLOW',
    { status: '431 Request Header Fields Too Large', reason: 'REQUEST_SIZE' },
  ],
]);
const otherFault: Fault = { status: '400 Bad Request' };

/** Sends the answer to a refused upgrade, and closes the connection. */
function sendInstead(response: ServerResponse): void {
  const { socket } = response.req;
  // The client may disconnect before it has read the answer.
  socket.on('error', () => undefined);
  // A client that does not close its side would stay connected permanently.
  response.once('finish', () => socket.destroySoon());
  response.assignSocket(socket);
}
