import { print, type DocumentNode } from 'graphql';
import { createClient } from 'graphql-ws';
import {
  DeviceMessagesDocument,
  type DeviceMessagesSubscription,
} from '../../generated/graphql.ts';

/** The shape of `sluice/client`, as far as the dashboard uses it. */
export type TransportKind = 'ws' | 'sse';
export type DeviceMessage = DeviceMessagesSubscription['deviceMessages'];

export type ConnectionStatus =
  | { readonly state: 'connecting'; readonly transport: TransportKind }
  | {
      readonly state: 'live';
      readonly transport: TransportKind;
      readonly since: number;
      readonly latencyMs?: number;
    }
  | {
      readonly state: 'reconnecting';
      readonly reason: string;
      readonly attempt: number;
      readonly retryAt: number;
    }
  | { readonly state: 'closed'; readonly reason: string };

export class SluiceError extends Error {
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

export interface TypedDocument<Data, Variables> {
  readonly __apiType?: (variables: Variables) => Data;
}

export interface DeviceMessageStream extends AsyncIterableIterator<DeviceMessage, undefined> {
  add(...deviceIds: string[]): void;
  remove(...deviceIds: string[]): void;
}

export interface SluiceClient {
  deviceMessages(options: {
    readonly deviceIds: readonly string[];
    readonly replay?: number;
    readonly after?: readonly { readonly deviceId: string; readonly position: string }[];
  }): DeviceMessageStream;
  subscribe<Data, Variables>(
    document: TypedDocument<Data, Variables>,
    variables: NoInfer<Variables>,
  ): AsyncIterableIterator<Data, undefined>;
  query<Data, Variables>(
    document: TypedDocument<Data, Variables>,
    variables: NoInfer<Variables>,
  ): Promise<Data>;
  close(): Promise<void>;
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string };
  }[];
}

type Run = (
  variables: () => object,
  take: (answer: Answer) => void,
  fail: (error: Error) => void,
) => () => void;

/** What the gateway refused, as the first of its errors has it. */
function refusal(errors: Answer['errors']): SluiceError {
  const [first] = errors ?? [];
  return new SluiceError(first?.message ?? 'The gateway refused.', first?.extensions?.code ?? '');
}

export function createSluiceClient({
  url,
  token,
  transport = 'ws',
  onStatus,
}: {
  readonly url: string;
  readonly token?: string;
  readonly transport?: TransportKind;
  readonly onStatus?: (status: ConnectionStatus) => void;
}): SluiceClient {
  const http = new URL(url, document.baseURI);
  const ws = new URL(http);
  ws.protocol = http.protocol.replace('http', 'ws');
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const tell = (status: ConnectionStatus): void => onStatus?.(status);
  let attempt = 0;
  let since = 0;
  let pingedAt = 0;
  let isClosed = false;
  const stops = new Set<() => void>();

  const socket = createClient({
    url: ws.href,
    lazy: true,
    keepAlive: 5_000,
    connectionParams: token === undefined ? {} : { token },
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: () => wait('the connection was lost'),
    on: {
      connecting: () => tell({ state: 'connecting', transport: 'ws' }),
      connected: live,
      ping: () => (pingedAt = performance.now()),
      pong: (received) => {
        if (received)
          tell({ state: 'live', transport, since, latencyMs: performance.now() - pingedAt });
      },
    },
  });

  function live(): void {
    attempt = 0;
    since = Date.now();
    tell({ state: 'live', transport, since });
  }

  function wait(reason: string): Promise<void> {
    attempt += 1;
    const ms = Math.min(10_000, 250 * 2 ** attempt) * (0.5 + Math.random() / 2);
    tell({ state: 'reconnecting', reason, attempt, retryAt: Date.now() + ms });
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  function runOverSocket(text: string): Run {
    return (variables, take, fail) =>
      socket.subscribe(
        { query: text, variables: variables() as Record<string, unknown> },
        {
          next: take as never,
          error: (error) =>
            fail(Array.isArray(error) ? refusal(error as Answer['errors']) : new Error('Cut off.')),
          complete: () => undefined,
        },
      );
  }

  function runOverEvents(text: string): Run {
    return (variables, take, fail) => {
      const abort = new AbortController();
      void (async () => {
        while (!abort.signal.aborted) {
          try {
            tell({ state: 'connecting', transport: 'sse' });
            const response = await fetch(http, {
              method: 'POST',
              headers: {
                'content-type': 'application/json',
                accept: 'text/event-stream',
                ...authorization,
              },
              body: JSON.stringify({ query: text, variables: variables() }),
              signal: abort.signal,
            });
            if (!response.ok) {
              const { errors } = (await response.json()) as Answer;
              fail(refusal(errors));
              return;
            }
            live();
            let rest = '';
            for await (const piece of response.body!.pipeThrough(
              new TextDecoderStream(),
            ) as never as AsyncIterable<string>) {
              const events = (rest + piece).split('\n\n');
              rest = events.pop() ?? '';
              for (const event of events) {
                const data = /^data: ?(.*)$/m.exec(event)?.[1];
                if (data !== undefined && data !== '') take(JSON.parse(data) as Answer);
              }
            }
          } catch {
            // Cut off, or ended by us: the loop tells them apart.
          }
          if (!abort.signal.aborted) await wait('the connection was lost');
        }
      })();
      return () => abort.abort();
    };
  }

  function stream<T>(
    text: string,
    variables: () => object,
    pick: (data: unknown) => T,
  ): AsyncIterableIterator<T, undefined> & { restart(): void } {
    const run = (transport === 'ws' ? runOverSocket : runOverEvents)(text);
    const waiting: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];
    const ready: T[] = [];
    let ended = false;
    let failure: Error | undefined;
    const take = ({ data, errors }: Answer): void => {
      if (errors !== undefined) fail(refusal(errors));
      if (data === undefined || data === null) return;
      const value = pick(data);
      const next = waiting.shift();
      if (next === undefined) ready.push(value);
      else next.resolve({ value, done: false });
    };
    const end = (): void => {
      ended = true;
      stops.delete(end);
      stop();
      for (const { resolve } of waiting.splice(0)) resolve({ value: undefined, done: true });
    };
    const fail = (error: Error): void => {
      if (ended) return;
      ended = true;
      stops.delete(end);
      const [first, ...others] = waiting.splice(0);
      if (first === undefined) failure = error;
      else first.reject(error);
      for (const { resolve } of others) resolve({ value: undefined, done: true });
    };
    let stop = run(variables, take, fail);
    stops.add(end);
    return {
      next() {
        if (ready.length > 0) return Promise.resolve({ value: ready.shift()!, done: false });
        if (failure !== undefined) {
          const error = failure;
          failure = undefined;
          return Promise.reject(error);
        }
        if (ended) return Promise.resolve({ value: undefined, done: true });
        const next = Promise.withResolvers<IteratorResult<T, undefined>>();
        waiting.push(next);
        return next.promise;
      },
      return() {
        end();
        return Promise.resolve({ value: undefined, done: true });
      },
      restart() {
        if (ended) return;
        stop();
        stop = run(variables, take, fail);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  return {
    deviceMessages({ deviceIds, replay = 0, after = [] }) {
      const ids = new Set(deviceIds);
      const positions = new Map(after.map(({ deviceId, position }) => [deviceId, position]));
      const messages = stream(
        print(DeviceMessagesDocument as DocumentNode),
        () => ({
          deviceIds: [...ids],
          replay,
          after: [...positions].map(([deviceId, position]) => ({ deviceId, position })),
        }),
        (data) => {
          const { deviceMessages: message } = data as DeviceMessagesSubscription;
          if (ids.has(message.deviceId)) positions.set(message.deviceId, message.position);
          return message;
        },
      );
      return {
        ...messages,
        add(...more) {
          for (const id of more) ids.add(id);
          messages.restart();
        },
        remove(...less) {
          for (const id of less) {
            ids.delete(id);
            positions.delete(id);
          }
          messages.restart();
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
    subscribe(document, variables) {
      return stream(
        print(document as DocumentNode),
        () => variables as object,
        (data) => data as never,
      );
    },
    async query(document, variables) {
      const response = await fetch(http, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorization },
        body: JSON.stringify({ query: print(document as DocumentNode), variables }),
      });
      const { data, errors } = (await response.json()) as Answer;
      if (data === undefined || errors !== undefined)
        throw new SluiceError(
          errors?.[0]?.message ?? 'no data',
          errors?.[0]?.extensions?.code ?? '',
        );
      return data as never;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      for (const stop of stops) stop();
      await socket.dispose();
      tell({ state: 'closed', reason: 'you disconnected' });
    },
  };
}
