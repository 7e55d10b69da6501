import type { TestGateway } from './gateway.ts';
import { Inbox } from './inbox.ts';

/** A response of multipart subscriptions, as it came over the wire. */
export interface MultipartReader extends AsyncDisposable {
  readonly response: Response;
  /** The JSON of each part, as soon as the delimiter behind it is there. */
  readonly parts: Inbox<unknown>;
  /** All parts that were not taken, until the last delimiter; rejects when that does not come. */
  rest(): Promise<unknown[]>;
  /** The whole text of the body so far. */
  readonly text: string;
  /** Goes away. */
  close(): void;
}

interface Asking {
  readonly accept?: string;
  readonly path?: string;
  readonly signal?: AbortSignal;
}

/** Posts JSON, or a text as it is. Without a body it is a GET. */
export function post(
  { url }: Pick<TestGateway, 'url'>,
  body: unknown,
  { accept = '*/*', path = '/graphql', signal }: Asking = {},
): Promise<Response> {
  return fetch(url + path, {
    ...(body !== undefined && {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
    headers: { accept, 'content-type': 'application/json' },
    ...(signal !== undefined && { signal }),
  });
}

/** Resolves with the headers. */
export async function openMultipart(
  gateway: Pick<TestGateway, 'url'>,
  body: unknown,
  asking: Asking = {},
): Promise<MultipartReader> {
  const abort = new AbortController();
  const response = await post(gateway, body, {
    accept: 'multipart/mixed;subscriptionSpec=1.0',
    signal: abort.signal,
    ...asking,
  });
  const parts = new Inbox<unknown>();
  const texts = new MultipartTexts((json) => parts.push(JSON.parse(json)));
  let text = '';

  async function read(): Promise<void> {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      texts.write(chunk);
    }
  }
  const ended = read().then(
    () => parts.end(new Error('the response has ended')),
    (error: unknown) => parts.end(error as Error),
  );

  return {
    response,
    parts,
    get text() {
      return text;
    },
    async rest() {
      await ended;
      if (!texts.closed) throw new Error(`cut off: ${text.slice(-200)}`);
      return parts.take(parts.untaken.length);
    },
    close: () => abort.abort(),
    async [Symbol.asyncDispose]() {
      abort.abort();
      await ended;
    },
  };
}

/** Takes the parts out of a body with the boundary `graphql`. */
export class MultipartTexts {
  readonly #take: (json: string) => void;
  #text = '';
  #begun = false;
  /** Whether the last delimiter has come. */
  closed = false;

  constructor(take: (json: string) => void) {
    this.#take = take;
  }

  write(chunk: string): void {
    this.#text += chunk;
    const pieces = this.#text.split('\r\n--graphql');
    this.#text = pieces.pop()!;
    for (const piece of pieces) {
      // What stands before the first delimiter is nothing.
      if (this.#begun) this.#take(piece.slice(piece.indexOf('\r\n\r\n') + 4));
      else if (piece !== '') throw new Error(`before the first part: ${piece}`);
      this.#begun = true;
    }
    if (this.#begun && this.#text.startsWith('--')) this.closed = true;
  }
}
