import { createClient } from 'graphql-ws/client';
import { deferred } from './deferred.ts';
import { connectionLost, failureOfClose, failureOfErrors, type Failure } from './failure.ts';
import type { Answer, Link, LinkEvents } from './link.ts';
import type { GraphqlError } from './sluice-error.ts';
import { Watchdog } from './watchdog.ts';

export interface WebSocketLinkOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly webSocketImpl: unknown;
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
}

/** graphql-transport-ws by graphql-ws: one socket for all operations. */
export function openWebSocketLink(options: WebSocketLinkOptions, events: LinkEvents): Link {
  let socket: { send(text: string): void } | undefined;
  let isAcknowledged = false;
  let isOver = false;
  let isClosed = false;
  let cause: unknown;
  let pingedAt: number | undefined;
  const closed = deferred<void>();
  const silence = new Watchdog(() => client.terminate());

  function pinged(): void {
    pingedAt = performance.now();
    silence.set(options.pongTimeoutMs);
  }

  function failureOf(code: number, reason: string): Failure {
    if (code === 4499) return connectionLost('nothing came in answer to a ping');
    if (code === 1006 && !isAcknowledged) {
      return connectionLost('no WebSocket connection could be made', cause);
    }
    return failureOfClose(code, reason, cause);
  }

  const client = createClient({
    url: options.url,
    webSocketImpl: options.webSocketImpl,
    ...(options.token !== undefined && { connectionParams: { token: options.token } }),
    keepAlive: options.pingIntervalMs,
    // A link is one connection: what comes after it is not for graphql-ws to decide,
    // since variables and even the transport are then different.
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => undefined,
    on: {
      opened: (opened) => (socket = opened as typeof socket),
      connected() {
        isAcknowledged = true;
        if (isOver) return;
        events.live();
        // graphql-ws takes operations once its own promise has settled.
        events.ready();
      },
      ping: (received) => {
        if (!received) pinged();
      },
      pong(received) {
        if (!received || pingedAt === undefined) return;
        const latencyMs = performance.now() - pingedAt;
        pingedAt = undefined;
        silence.clear();
        if (!isOver) events.live(latencyMs);
      },
      // A busy link may have much to deliver before the pong; the pong is still to come.
      message() {
        if (pingedAt !== undefined && !isOver) silence.set(options.pongTimeoutMs);
      },
      error: (error) => (cause = error),
      closed(event) {
        silence.clear();
        isClosed = true;
        closed.resolve();
        // Also for a close that graphql-ws would answer with a new connection at once.
        void Promise.resolve(client.dispose()).catch(() => undefined);
        if (isOver) return;
        isOver = true;
        const { code = 1006, reason = '' } = event as { code?: number; reason?: string };
        events.failed(failureOf(code, reason));
      },
    },
  });

  return {
    transport: 'ws',
    run(operation, sink) {
      let isRunning = true;
      const stop = client.subscribe(
        { query: operation.query, variables: operation.variables },
        {
          next(answer) {
            if (!isRunning || isOver) return;
            const { errors } = answer as Answer;
            if (errors === undefined) return sink.next(answer as Answer);
            isRunning = false;
            sink.ended(failureOfErrors(errors));
            stop();
          },
          error(error) {
            // What is no list of errors concerns the socket, and is told by `closed`.
            if (!isRunning || isOver || !Array.isArray(error)) return;
            isRunning = false;
            sink.ended(failureOfErrors(error as readonly GraphqlError[]));
          },
          complete() {
            if (!isRunning || isOver) return;
            isRunning = false;
            sink.ended(undefined);
          },
        },
      );
      return () => {
        isRunning = false;
        stop();
      };
    },
    probe() {
      if (!isAcknowledged || isOver || socket === undefined) return;
      socket.send('{"type":"ping"}');
      pinged();
    },
    async close() {
      isOver = true;
      silence.clear();
      if (isClosed) return;
      if (!isAcknowledged) {
        client.terminate();
        return;
      }
      void Promise.resolve(client.dispose()).catch(() => undefined);
      // A dead peer never answers the close frame.
      silence.set(1000);
      await closed.promise;
    },
  };
}
