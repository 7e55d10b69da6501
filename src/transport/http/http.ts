import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http';
import { plainStats } from '../../metrics/plain-stats.ts';
import type { RefusalReason } from '../../metrics/refusals.ts';
import { acceptsEvents, acceptsHtml, acceptsMultipart } from './accept.ts';
import { createAdmission } from '../admission.ts';
import { builtDashboard, createDashboard } from '../pages/dashboard.ts';
import { createGraphiqlPage } from '../pages/graphiql.ts';
import { graphqlEvents } from '../event-stream/graphql-events.ts';
import { createEventReservations, tokenOf } from '../event-stream/graphql-event-reservations.ts';
import { createGraphqlHttp } from './graphql-http.ts';
import { graphqlMultipart } from '../event-stream/graphql-multipart.ts';
import { createOperationStreams } from '../event-stream/graphql-stream.ts';
import { RequestAborted } from './graphql-request.ts';
import { createHttpConnections, type HttpConnections } from './http-connections.ts';
import { hasMethod } from './methods.ts';
import { servePlainEvents } from '../plain/plain-events.ts';
import { createPlainRenderings } from '../plain/plain-stream.ts';
import { toOriginForm, urlOf } from './request-target.ts';
import { respondJson } from './respond.ts';
import type { TransportContext } from '../transport-context.ts';
import { createWebSocketUpgrades } from '../websocket/websocket.ts';

/** Of a request's line and headers, in bytes: the positions of a thousand devices have room in `Last-Event-ID`. */
const maxHeaderSize = 65_536;

/** Whether the gateway can take clients, and what is missing if not. */
export interface Readiness {
  readonly ready: boolean;
  /** One entry for each part: `ok`, or what is wrong with it. */
  readonly checks: Readonly<Record<string, string>>;
}

/** Requests of one connection that may be under way. Clients that pipeline at all do not go so far. */
const maxPipelined = 32;
/** How often Node.js looks for requests that take too long. */
const timeoutsCheckedEveryMs = 5_000;

/** What the addresses take. */
const methods: ReadonlyMap<string, readonly string[]> = new Map([
  ['/', ['GET', 'HEAD']],
  ['/graphql', ['GET', 'HEAD', 'POST', 'PUT', 'DELETE']],
  ['/health', ['GET', 'HEAD']],
  ['/ready', ['GET', 'HEAD']],
  ['/api/v1/stream', ['GET', 'HEAD']],
  ['/api/v1/stream/stats', ['GET', 'HEAD']],
]);

export interface HttpServer {
  /** It does not listen yet. */
  readonly server: Server;
  readonly httpConnections: HttpConnections;
}

/** The one HTTP server with every address of the gateway. */
export function createHttpServer(
  context: TransportContext,
  readiness: () => Readiness,
  dashboardFolder: string = builtDashboard(),
): HttpServer {
  const { logger, stats, limits, refusals } = context;
  const admit = createAdmission(context);
  const graphqlHttp = createGraphqlHttp(context);
  const serveStream = createOperationStreams(context, graphqlHttp);
  const reservations = createEventReservations(context);
  const serveGraphiql = createGraphiqlPage();
  const serveDashboard = createDashboard(dashboardFolder);
  const plain = createPlainRenderings(context.renderings);
  const upgrades = createWebSocketUpgrades(context, plain);

  async function serveGraphql(
    request: IncomingMessage,
    response: ServerResponse,
    searchParams: URLSearchParams,
  ): Promise<void> {
    const { method } = request;
    // There is nothing of a stream that a HEAD could tell of.
    const reads = method === 'GET' || method === 'POST';
    const token = tokenOf(request, searchParams);
    const connection = httpConnections.of(request);
    const exchange = { request, response, searchParams, connection };
    response.appendHeader('vary', 'accept');
    if (method === 'PUT' || method === 'DELETE' || (reads && token !== undefined)) {
      await reservations.serve(request, response, token, searchParams, connection);
    } else if (method !== 'POST' && acceptsHtml(request) && !searchParams.has('query')) {
      await serveGraphiql(request, response);
    } else if (reads && acceptsEvents(request)) {
      await serveStream(graphqlEvents, exchange);
    } else if (reads && acceptsMultipart(request)) {
      await serveStream(graphqlMultipart, exchange);
    } else {
      await graphqlHttp.serve(exchange);
    }
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    toOriginForm(request);
    if (!admit(request, response)) return undefined;
    const { pathname, searchParams } = urlOf(request);
    if (pathname === '*' && request.method === 'OPTIONS') return respondOptions(response);
    const allowed = methods.get(pathname.startsWith('/assets/') ? '/' : pathname);
    if (allowed !== undefined && !hasMethod(request, response, allowed)) return undefined;
    if (serveDashboard(pathname, request, response)) return undefined;
    switch (pathname) {
      case '/graphql':
        return serveGraphql(request, response, searchParams);
      case '/api/v1/stream':
        return servePlainEvents(
          context,
          plain,
          request,
          response,
          searchParams,
          httpConnections.of(request),
        );
      case '/api/v1/stream/stats':
        return respondJson(response, 200, plainStats(stats()));
      case '/health':
        return respondJson(response, 200, { status: 'ok' });
      case '/ready': {
        const { ready, checks } = readiness();
        return respondJson(response, ready ? 200 : 503, {
          status: ready ? 'ready' : 'not ready',
          checks,
        });
      }
      // The page was not built.
      case '/':
        response.writeHead(302, { location: '/graphql' }).end();
        return undefined;
      default:
        return respondNotFound(response);
    }
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
        // An answer would come behind all the others, and more requests before it.
        refusals.count('BUSY_SOCKET');
        connection.terminate();
        return;
      }
      if (connection.refused) response.setHeader('connection', 'close');
      route(request, response).catch((error: unknown) => {
        // Without the query, which may hold a token.
        const path = urlOf(request).pathname;
        // A client that has gone is no failure of ours.
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
    // Where an answer is under way, this would become part of it.
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
      if (upgrades.upgrade(request, socket, head, connection)) return;
      respondNotFound(response);
    }
    sendInstead(response);
  });
  return { server, httpConnections };
}

interface Fault {
  readonly status: string;
  readonly reason?: RefusalReason;
}

/** What is told of bytes that are no request, by the code of Node.js: as it does itself, and counted. */
const faults: ReadonlyMap<string | undefined, Fault> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', { status: '408 Request Timeout', reason: 'REQUEST_TIMEOUT' }],
  [
    'HPE_HEADER_OVERFLOW',
    { status: '431 Request Header Fields Too Large', reason: 'REQUEST_SIZE' },
  ],
]);
const otherFault: Fault = { status: '400 Bad Request' };

/** What the gateway takes anywhere: `OPTIONS *` asks for no address [RFC 9110, 9.3.7]. */
function respondOptions(response: ServerResponse): void {
  const all = new Set([...methods.values()].flat());
  response.writeHead(204, { allow: [...all, 'OPTIONS'].join(', ') }).end();
}

function respondNotFound(response: ServerResponse): void {
  respondJson(response, 404, {
    error: { message: 'Nothing is here. GraphQL is at /graphql.' },
  });
}

/** Sends the answer to an upgrade that does not take place, and closes the connection. */
function sendInstead(response: ServerResponse): void {
  const { socket } = response.req;
  // The client may be gone before it has read why.
  socket.on('error', () => undefined);
  // A client that does not close its side as well would stay for good.
  response.once('finish', () => socket.destroySoon());
  response.assignSocket(socket);
}
