import { Inbox } from './inbox.ts';

export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** A response of server-sent events, as they came over the wire. */
export interface EventStreamReader extends AsyncDisposable {
  readonly response: Response;
  /** The next event; rejects when the response has ended. */
  next(): Promise<StreamEvent>;
  take(count: number): Promise<StreamEvent[]>;
  /** All events until the end of the response. */
  rest(): Promise<StreamEvent[]>;
  /** Resolves with the first text of the body, comments too. */
  readonly firstText: Promise<string>;
  /** The id that the client would come back with; the empty string while there is none. */
  readonly lastEventId: string;
  /** The whole text of the body so far. */
  readonly text: string;
  /** Goes away. */
  close(): void;
}

interface EventStreamInit extends RequestInit {
  readonly headers?: Readonly<Record<string, string>>;
}

/** Resolves with the headers. */
export async function openEventStream(
  url: string,
  init: EventStreamInit = {},
): Promise<EventStreamReader> {
  const abort = new AbortController();
  const response = await fetch(url, {
    ...init,
    headers: { accept: 'text/event-stream', ...init.headers },
    signal: abort.signal,
  });
  const inbox = new Inbox<StreamEvent>();
  let text = '';
  let parsed = 0;
  let lastEventId = '';
  const first = Promise.withResolvers<string>();

  async function read(): Promise<void> {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      first.resolve(text);
      for (let end = text.indexOf('\n\n', parsed); end >= 0; end = text.indexOf('\n\n', parsed)) {
        const { id, event } = parseEvent(text.slice(parsed, end));
        parsed = end + 2;
        lastEventId = id ?? lastEventId;
        if (event !== undefined) inbox.push(event);
      }
    }
  }
  const ended = read().then(
    () => inbox.end(new Error('the response has ended')),
    (error: unknown) => inbox.end(error as Error),
  );

  return {
    response,
    firstText: first.promise,
    get text() {
      return text;
    },
    get lastEventId() {
      return lastEventId;
    },
    next: () => inbox.next(),
    take: (count) => inbox.take(count),
    async rest() {
      await ended;
      return inbox.take(inbox.untaken.length);
    },
    close: () => abort.abort(),
    async [Symbol.asyncDispose]() {
      abort.abort();
      await ended;
    },
  };
}

/** By the rules of the HTML standard: a block without data is no event, and may have an id all the same. */
function parseEvent(block: string): { id?: string | undefined; event?: StreamEvent } {
  const fields: Record<string, string[]> = {};
  for (const line of block.split('\n')) {
    if (line === '' || line.startsWith(':')) continue;
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    (fields[name] ??= []).push(value);
  }
  const id = fields['id']?.at(-1);
  if (fields['data'] === undefined) return { id };
  const event = fields['event']?.at(-1) ?? 'message';
  return { id, event: { event, data: fields['data'].join('\n') } };
}
