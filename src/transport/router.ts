import { plainStats } from '../metrics/plain-stats.ts';
import { createEventReservations, tokenOf } from './event-stream/graphql-event-reservations.ts';
import { graphqlEvents } from './event-stream/graphql-events.ts';
import { graphqlMultipart } from './event-stream/graphql-multipart.ts';
import { createOperationStreams } from './event-stream/graphql-stream.ts';
import { acceptsEvents, acceptsHtml, acceptsMultipart } from './http/accept.ts';
import type { Endpoint, Exchange } from './http/endpoint.ts';
import { createGraphqlHttp } from './http/graphql-http.ts';
import { hasMethod } from './http/methods.ts';
import { respondJson, respondNotFound } from './http/respond.ts';
import type { Router } from './http/server.ts';
import { builtDashboard, createDashboard } from './pages/dashboard.ts';
import { createGraphiqlPage } from './pages/graphiql.ts';
import { createPlainEvents } from './plain/plain-events.ts';
import { createPlainForms } from './plain/plain-form.ts';
import { createPlainWebSocket } from './plain/plain-websocket.ts';
import type { TransportContext } from './transport-context.ts';
import { createGraphqlWebSocket } from './websocket/graphql-websocket.ts';
import { createWebSocketUpgrades } from './websocket/upgrades.ts';

/** Whether the gateway can accept clients, and what is missing if not. */
export interface Readiness {
  readonly ready: boolean;
  /** One entry for each part: `ok`, or its problem. */
  readonly checks: Readonly<Record<string, string>>;
}

export interface RouterOptions {
  readonly readiness: () => Readiness;
  /** The folder of the dashboard's files. Default: the folder that the build writes. */
  readonly dashboardFolder?: string | undefined;
}

const reads: readonly string[] = ['GET', 'HEAD'];

/** Every address of the gateway, with the transport that serves it. */
export function createRouter(
  context: TransportContext,
  { readiness, dashboardFolder = builtDashboard() }: RouterOptions,
): Router {
  const plainForms = createPlainForms(context.renderings);
  const serveDashboard = createDashboard(dashboardFolder);
  const dashboard: Endpoint = {
    methods: reads,
    serve(exchange) {
      if (serveDashboard(exchange)) return;
      const { pathname, response } = exchange;
      // The page was not built.
      if (pathname === '/') response.writeHead(302, { location: '/graphql' }).end();
      else respondNotFound(response);
    },
  };
  const endpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
    ['/', dashboard],
    ['/graphql', createGraphqlEndpoint(context)],
    ['/api/v1/stream', { methods: reads, serve: createPlainEvents(context, plainForms) }],
    [
      '/api/v1/stream/stats',
      {
        methods: reads,
        serve: ({ response }) => respondJson(response, 200, plainStats(context.stats())),
      },
    ],
    [
      '/health',
      { methods: reads, serve: ({ response }) => respondJson(response, 200, { status: 'ok' }) },
    ],
    [
      '/ready',
      {
        methods: reads,
        serve({ response }) {
          const { ready, checks } = readiness();
          const status = ready ? 'ready' : 'not ready';
          respondJson(response, ready ? 200 : 503, { status, checks });
        },
      },
    ],
  ]);
  const allMethods = new Set([...endpoints.values()].flatMap(({ methods }) => methods));
  const upgrade = createWebSocketUpgrades(
    context,
    new Map([
      ['/graphql', createGraphqlWebSocket(context)],
      ['/api/v1/stream', createPlainWebSocket(context, plainForms)],
    ]),
  );

  return {
    async route(exchange) {
      const { request, response, pathname } = exchange;
      if (pathname === '*' && request.method === 'OPTIONS') {
        // The methods of the whole gateway: this request names no address [RFC 9110, 9.3.7].
        response.writeHead(204, { allow: [...allMethods, 'OPTIONS'].join(', ') }).end();
        return;
      }
      const endpoint = pathname.startsWith('/assets/') ? dashboard : endpoints.get(pathname);
      if (endpoint === undefined) respondNotFound(response);
      else if (hasMethod(request, response, endpoint.methods)) await endpoint.serve(exchange);
    },
    upgrade,
  };
}

/** `/graphql`: the client's headers select the transport. */
function createGraphqlEndpoint(context: TransportContext): Endpoint {
  const graphqlHttp = createGraphqlHttp(context);
  const serveStream = createOperationStreams(context, graphqlHttp);
  const reservations = createEventReservations(context);
  const serveGraphiql = createGraphiqlPage();

  return {
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    async serve(exchange: Exchange) {
      const { request, response, searchParams } = exchange;
      const { method } = request;
      // A HEAD cannot describe a stream.
      const isRead = method === 'GET' || method === 'POST';
      const token = tokenOf(request, searchParams);
      response.appendHeader('vary', 'accept');
      if (method === 'PUT' || method === 'DELETE' || (isRead && token !== undefined)) {
        await reservations.serve(exchange, token);
      } else if (method !== 'POST' && acceptsHtml(request) && !searchParams.has('query')) {
        await serveGraphiql(exchange);
      } else if (isRead && acceptsEvents(request)) {
        await serveStream(graphqlEvents, exchange);
      } else if (isRead && acceptsMultipart(request)) {
        await serveStream(graphqlMultipart, exchange);
      } else {
        await graphqlHttp.serve(exchange);
      }
    },
  };
}
