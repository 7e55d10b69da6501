import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { plainStats } from '../observe/broker-stats.ts';
import { acceptsEvents, acceptsMultipart } from './accept.ts';
import { builtDashboard, createDashboard } from './dashboard.ts';
import { createGraphiqlPage } from './graphiql.ts';
import { graphqlEvents } from './graphql-events.ts';
import { createEventReservations, tokenOf } from './graphql-event-reservations.ts';
import { createGraphqlHttp } from './graphql-http.ts';
import { graphqlMultipart } from './graphql-multipart.ts';
import { createOperationStreams } from './graphql-stream.ts';
import { createHttpConnections, type HttpConnections } from './http-connections.ts';
import { hasMethod } from './methods.ts';
import { servePlainEvents } from './plain-events.ts';
import { createPlainRenderings } from './plain-stream.ts';
import { isHost, toOriginForm } from './request-target.ts';
import { respondJson } from './respond.ts';
import type { TransportContext } from './transport-context.ts';
import { createWebSocketUpgrades, urlOf } from './websocket.ts';

/** Of a request's line and headers, in bytes: the positions of a thousand devices have room in `Last-Event-ID`. */
const maxHeaderSize = 65_536;

/** Whether the gateway can take clients, and what is missing if not. */
export interface Readiness {
  readonly ready: boolean;
  /** One entry for each part: `ok`, or what is wrong with it. */
  readonly checks: Readonly<Record<string, string>>;
}

/** What the addresses take that are read and nothing else. */
const methods: ReadonlyMap<string, readonly string[]> = new Map([
  ['/', ['GET', 'HEAD']],
  ['/health', ['GET', 'HEAD']],
  ['/ready', ['GET', 'HEAD']],
  ['/api/v1/stream', ['GET']],
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
  const { logger, stats } = context;
  const graphqlHttp = createGraphqlHttp(context);
  const serveStream = createOperationStreams(context, graphqlHttp);
  const reservations = createEventReservations(context);
  const serveGraphiql = createGraphiqlPage();
  const serveDashboard = createDashboard(dashboardFolder);
  const plain = createPlainRenderings();
  const upgrades = createWebSocketUpgrades(context, plain);

  async function serveGraphql(
    request: IncomingMessage,
    response: ServerResponse,
    searchParams: URLSearchParams,
  ): Promise<void> {
    const { method } = request;
    const accept = request.headers.accept ?? '';
    const reads = method === 'GET' || method === 'POST';
    const token = tokenOf(request, searchParams);
    if (method === 'PUT' || ((reads || method === 'DELETE') && token !== undefined)) {
      await reservations.serve(request, response, token, searchParams);
    } else if (method === 'GET' && accept.includes('text/html') && !searchParams.has('query')) {
      await serveGraphiql(request, response);
    } else if (reads && acceptsEvents(request)) {
      await serveStream(graphqlEvents, request, response, searchParams);
    } else if (reads && acceptsMultipart(request)) {
      await serveStream(graphqlMultipart, request, response, searchParams);
    } else {
      await graphqlHttp.serve(request, response);
    }
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isHost(request.headers.host || 'localhost')) {
      return respondJson(response, 400, { error: { message: 'The Host header is malformed.' } });
    }
    toOriginForm(request);
    const { pathname, searchParams } = urlOf(request);
    const allowed = methods.get(pathname.startsWith('/assets/') ? '/' : pathname);
    if (allowed !== undefined && !hasMethod(request, response, allowed)) return undefined;
    if (serveDashboard(pathname, request, response)) return undefined;
    switch (pathname) {
      case '/graphql':
        return serveGraphql(request, response, searchParams);
      case '/api/v1/stream':
        return servePlainEvents(context, plain, request, response, searchParams);
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
        return respondJson(response, 404, {
          error: { message: 'Nothing is here. GraphQL is at /graphql.' },
        });
    }
  }

  const server = createServer({ maxHeaderSize }, (request, response) => {
    httpConnections.answering(response);
    route(request, response).catch((error: unknown) => {
      // A client that has gone is no failure of ours.
      if (response.destroyed) return;
      // Without the query, which may hold a token.
      const path = urlOf(request).pathname;
      logger.error({ event: 'request.failed', err: error, path }, 'A request could not be handled');
      respondJson(response, 500, { error: { message: 'Internal server error' } });
    });
  });
  const httpConnections = createHttpConnections(server);
  server.on('upgrade', (request, socket, head) => {
    httpConnections.release(socket);
    toOriginForm(request);
    upgrades.upgrade(request, socket, head);
  });
  return { server, httpConnections };
}
