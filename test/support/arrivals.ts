export interface StreamedMessage {
  /** As the stream tells it: beside the payload over GraphQL, in it on the plain stream. */
  readonly deviceId: string;
  /** The payload over GraphQL, the data on the plain stream: cut out of the bytes, never parsed. */
  readonly payloadText: string;
  /** Over GraphQL, where it was asked for. */
  readonly gap?: { readonly missed: number | null; readonly reason: string } | null;
}

/** How a stream came to its end. */
export interface StreamEnd {
  /** Of a WebSocket; 1006 when no close frame came. */
  readonly closeCode?: number;
  /** Of an event stream: whether the response came to its end, rather than being cut off. */
  readonly whole?: boolean;
  /** What came besides messages and signs of life: `complete`, `error`. */
  readonly events: readonly string[];
}

export interface StreamOptions {
  /** Told of each message instead of having it kept, for streams of more messages than memory shall hold. */
  readonly each?: (message: StreamedMessage) => void;
}

/** What has come over a stream. */
export class Arrivals {
  readonly ended: Promise<StreamEnd>;
  received = 0;
  readonly #each: ((message: StreamedMessage) => void) | undefined;
  readonly #events: string[] = [];
  #settleEnd: (end: StreamEnd) => void = () => undefined;
  #end: StreamEnd | undefined;
  #kept: StreamedMessage[] = [];
  #taken = 0;
  #wake: (() => void) | undefined;

  constructor({ each }: StreamOptions) {
    this.#each = each;
    this.ended = new Promise((resolve) => {
      this.#settleEnd = resolve;
    });
  }

  message(message: StreamedMessage): void {
    this.received += 1;
    if (this.#each === undefined) this.#kept.push(message);
    else this.#each(message);
    this.#wake?.();
  }

  event(name: string): void {
    this.#events.push(name);
  }

  end(how: Omit<StreamEnd, 'events'>): void {
    this.#end ??= { ...how, events: this.#events };
    this.#settleEnd(this.#end);
    this.#wake?.();
  }

  async next(): Promise<StreamedMessage | undefined> {
    while (this.#taken === this.#kept.length) {
      if (this.#end !== undefined) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#taken += 1;
    return this.#kept[this.#taken - 1];
  }

  async take(count: number): Promise<StreamedMessage[]> {
    const messages: StreamedMessage[] = [];
    while (messages.length < count) {
      const message = await this.next();
      if (message === undefined) {
        const end = JSON.stringify(this.#end);
        throw new Error(`the stream ended after ${messages.length} of ${count} messages: ${end}`);
      }
      messages.push(message);
    }
    return messages;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamedMessage, void> {
    for (let message = await this.next(); message !== undefined; message = await this.next()) {
      yield message;
    }
  }
}
