import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpConnection } from './http-connections.ts';

/** A request, with the response for its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly pathname: string;
  readonly searchParams: URLSearchParams;
  readonly connection: HttpConnection;
}

/** Answers the requests of one address. */
export interface Endpoint {
  /**
   * The methods of the address. Requests with another method are answered earlier and
   * MUST NOT be served.
   */
  readonly methods: readonly string[];
  /**
   * MUST answer, or make sure that an answer follows. An error that it throws, or
   * rejects with, is logged and answered with 500.
   */
  serve(exchange: Exchange): void | Promise<void>;
}
