import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpConnection } from './http-connections.ts';

/** A request, and where its answer goes. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly pathname: string;
  readonly searchParams: URLSearchParams;
  readonly connection: HttpConnection;
}

/** What answers at one address. */
export interface Endpoint {
  /** Requests with another method are answered before: they MUST NOT be served. */
  readonly methods: readonly string[];
  /** MUST answer, or leave somebody behind who will. What it throws, or rejects with, is logged and answered with 500. */
  serve(exchange: Exchange): void | Promise<void>;
}
