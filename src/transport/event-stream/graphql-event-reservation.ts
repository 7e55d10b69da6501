import { randomUUID } from 'node:crypto';
import type { Caller } from '../../kernel/caller.ts';
import type { OpenOperations } from '../connection-quota.ts';
import type { ClientConnection } from '../connections.ts';
import type { EventOperation } from './graphql-event-operation.ts';
import type { ResponseStream } from './response-stream.ts';

/**
 * A slot among the connections, which the stream takes over when it opens, and the
 * operations that the stream will carry.
 */
export class Reservation implements ClientConnection {
  readonly token = randomUUID();
  readonly caller: Caller;
  readonly operations = new Map<string, EventOperation>();
  stream: ResponseStream | undefined;
  lost = false;
  readonly #lose: (reservation: Reservation) => void;

  constructor(caller: Caller, lose: (reservation: Reservation) => void) {
    this.caller = caller;
    this.#lose = lose;
  }

  /** Its open operations. */
  openOperations(): OpenOperations {
    let subscriptions = 0;
    let devices = 0;
    let statsStreams = 0;
    for (const { outcome } of this.operations.values()) {
      if (outcome?.kind === 'results') statsStreams += 1;
      if (outcome?.kind !== 'messages') continue;
      subscriptions += 1;
      devices += outcome.subscription.deviceIds.length;
    }
    return { subscriptions, devices, statsStreams };
  }

  keepAlive(): void {
    // There is no stream and so no client to tell.
  }

  drain(): void {
    this.#lose(this);
  }

  terminate(): void {
    if (this.stream === undefined) this.#lose(this);
    else this.stream.terminate();
  }
}
