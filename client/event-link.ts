import { createClient } from 'graphql-sse';
import { connectionLost, failureOfAnswer, failureOfErrors, type Failure } from './failure.ts';
import type { Answer, Link, LinkEvents } from './link.ts';
import { Watchdog } from './watchdog.ts';

export interface EventLinkOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly fetch: typeof fetch;
  /** So long the answer to an operation may take to begin. */
  readonly connectTimeoutMs: number;
  /** Without a byte for so long, a stream is dead. */
  readonly silenceMs: number;
}

interface Run {
  /** Finds out whether it is still there. */
  probe(): void;
  stop(): void;
}

/** An answer that is no stream is read up to here for what it says. */
const maxAnswerCharacters = 65_536;

/** GraphQL over server-sent events by graphql-sse: a request for each operation. The first that fails ends the link. */
export function openEventLink(options: EventLinkOptions, events: LinkEvents): Link {
  let isOver = false;
  const running = new Set<Run>();

  function fail(failure: Failure): void {
    if (isOver) return;
    over();
    events.failed(failure);
  }

  function over(): void {
    isOver = true;
    for (const run of running) run.stop();
  }

  // As with a socket, nobody is told before the caller has the link.
  queueMicrotask(() => {
    if (!isOver) events.ready();
  });

  return {
    transport: 'sse',
    run(operation, sink) {
      let isRunning = true;
      let isSilentSince = Date.now();
      let isOpen = false;
      const silence = new Watchdog(() =>
        fail(
          connectionLost(
            isOpen ? 'nothing came for too long' : 'the gateway did not answer in time',
          ),
        ),
      );
      const probe = (): void => {
        // The gateway sends a comment every 25 s: after half of the patience nothing is a bad sign.
        if (Date.now() - isSilentSince > options.silenceMs / 2) {
          fail(connectionLost('nothing came while the page slept'));
        }
      };
      const run: Run = { probe, stop };
      running.add(run);

      function end(): void {
        isRunning = false;
        silence.clear();
        running.delete(run);
      }
      function stop(): void {
        end();
        cancel();
      }
      function ended(failure: Failure | undefined): void {
        if (!isRunning || isOver) return;
        end();
        if (failure !== undefined && failure.of !== 'operation') fail(failure);
        else sink.ended(failure);
      }
      function lost(cause: unknown): void {
        if (isRunning) ended(connectionLost('the connection was lost', cause));
      }
      const watchedFetch: typeof fetch = async (input, init) => {
        silence.set(options.connectTimeoutMs);
        let response: Response;
        try {
          response = await options.fetch(input, init);
        } catch (error) {
          ended(connectionLost('the gateway cannot be reached', error));
          throw error;
        }
        const type = response.headers.get('content-type') ?? '';
        if (!response.ok || !type.startsWith('text/event-stream') || response.body === null) {
          const failure = failureOfAnswer(response.status, await textOf(response));
          ended(failure);
          throw failure.error;
        }
        if (isRunning && !isOver) {
          isOpen = true;
          events.live();
        }
        return new Response(response.body.pipeThrough(watched()), response);
      };
      /** Sees every byte, and the end: graphql-sse does not tell of one that comes while it hands out results. */
      function watched(): TransformStream<Uint8Array, Uint8Array> {
        return new TransformStream({
          transform(chunk, controller) {
            if (isRunning) {
              isSilentSince = Date.now();
              silence.set(options.silenceMs);
            }
            controller.enqueue(chunk);
          },
          flush() {
            // Behind what is on its way to the sink.
            setTimeout(lost, 0, undefined);
          },
        });
      }

      const client = createClient({
        url: withoutEventIds(options.url),
        ...(options.token !== undefined && {
          headers: { authorization: `Bearer ${options.token}` },
        }),
        retryAttempts: 0,
        fetchFn: watchedFetch,
      });
      const cancel = client.subscribe(
        { query: operation.query, variables: operation.variables },
        {
          next(answer) {
            if (!isRunning || isOver) return;
            const { errors } = answer as Answer;
            if (errors === undefined) return sink.next(answer as Answer);
            ended(failureOfErrors(errors));
            cancel();
          },
          error: lost,
          complete: () => ended(undefined),
        },
      );
      return stop;
    },
    probe() {
      for (const run of running) run.probe();
    },
    close() {
      over();
      return Promise.resolve();
    },
  };
}

/** What is resumed is resumed by `after`. Ids would say the same with each event: 13 KB of them for 1,000 devices. */
function withoutEventIds(url: string): string {
  const address = new URL(url);
  address.searchParams.set('eventIds', 'off');
  return address.href;
}

async function textOf(response: Response): Promise<string> {
  if (response.body === null) return '';
  let text = '';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += value;
    if (text.length > maxAnswerCharacters) break;
  }
  await reader.cancel();
  return text;
}
