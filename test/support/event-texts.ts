import { createParser, type EventSourceMessage } from 'eventsource-parser';

export interface ServerSentEvent {
  readonly event: string;
  /** Its lines, joined. */
  readonly data: string;
  /** Undefined when it has none of its own. */
  readonly id: string | undefined;
}

/** Reads server-sent events from chunks of bytes. Comments are events named `:`. */
export class EventTexts {
  readonly #decoder = new TextDecoder();
  readonly #parser;

  constructor(take: (event: ServerSentEvent) => void) {
    this.#parser = createParser({
      onEvent: ({ event = 'message', data, id }: EventSourceMessage) => take({ event, data, id }),
      onComment: (data) => take({ event: ':', data, id: undefined }),
      onError(error) {
        throw error;
      },
    });
  }

  write(chunk: Uint8Array): void {
    this.#parser.feed(this.#decoder.decode(chunk, { stream: true }));
  }
}
