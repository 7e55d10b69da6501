import type { GraphQLError } from 'graphql';
import type { Outcome } from '../../delivery/outcome.ts';
import type { Wire } from '../../delivery/rendering.ts';
import { resultText } from '../../delivery/result-text.ts';
import { eventLines, eventText } from './event-text.ts';
import { stop } from './graphql-stream.ts';
import type { OperationForm } from './operation-stream-kind.ts';

/** The end of a `next` event, after the head that names the operation. */
const wire: Wire = { encode: (text) => Buffer.from(`${eventLines(text)}}\n\n`) };

/** One of several operations on one stream of events. */
export class EventOperation implements OperationForm {
  readonly wire = wire;
  readonly id: string;
  readonly #idText: string;
  #outcome: Outcome | undefined;
  #cancelled = false;

  constructor(id: string) {
    this.id = id;
    this.#idText = JSON.stringify(id);
  }

  /** The outcome; undefined while the operation is being performed. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  began(outcome: Outcome): void {
    this.#outcome = outcome;
    if (this.#cancelled) stop(outcome, 'CLIENT_COMPLETED');
  }

  /** Ends the operation for the client, which still gets its `complete`. */
  cancel(): void {
    this.#cancelled = true;
    if (this.#outcome !== undefined) stop(this.#outcome, 'CLIENT_COMPLETED');
  }

  /** `event: next` and `data: {"id":"…","payload":`, which the rendered bytes complete. */
  head(): Buffer {
    const text = `event: next\ndata: {"id":${this.#idText},"payload":`;
    // Not from the pool of buffers: it would keep a whole slab in memory while its subscription
    // lasts.
    const head = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
    head.write(text);
    return head;
  }

  next(result: string): string {
    return eventText('next', `{"id":${this.#idText},"payload":${result}}`);
  }

  failed(error: GraphQLError): string {
    return this.next(resultText({ errors: [error.toJSON()] }));
  }

  get complete(): string {
    return eventText('complete', `{"id":${this.#idText}}`);
  }
}
