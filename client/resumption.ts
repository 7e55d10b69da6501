import { MessageType, type Message, type SubscribeMessage } from 'graphql-ws/client';
import { CurrentPositionsText } from './generated/texts.ts';
import {
  declaresAfter,
  listOf,
  positionedIn,
  positionsOf,
  type Positioned,
  type Positions,
} from './positions.ts';

interface Variables {
  readonly deviceIds?: unknown;
  readonly replay?: unknown;
  readonly after?: Positioned | readonly Positioned[] | null;
}

const variablesOf = ({ payload }: SubscribeMessage): Variables => payload.variables ?? {};
const questionOf = (id: string): string => `positions of ${id}`;

/**
 * Rewrites what a client of graphql-transport-ws sends, so that each subscription that
 * declares `$after: [DevicePosition!]` goes on behind the messages that have come.
 *
 * Nothing is missed only by who has a position of each device before the first cut, also
 * of a device that has sent nothing yet. So the current positions are asked for first,
 * over the same connection, and the subscription begins behind them.
 */
export class Resumption {
  /** By subscription. */
  readonly #positions = new Map<string, Positions>();
  /** The subscription that waits for it, by the id of the question for its positions. */
  readonly #waiting = new Map<string, SubscribeMessage>();

  /** What to send instead. */
  outgoing(message: Message): Message {
    if (message.type === MessageType.Complete) this.forget(message.id);
    return message.type === MessageType.Subscribe ? this.#begin(message) : message;
  }

  /** What to send in answer, where there is something. */
  incoming(message: Message): Message | undefined {
    const { type } = message;
    if (type === MessageType.Next || type === MessageType.Error || type === MessageType.Complete) {
      const data = type === MessageType.Next ? message.payload.data : undefined;
      const subscription = this.#waiting.get(message.id);
      if (subscription !== undefined) return this.#answered(message.id, subscription, data);
      if (type === MessageType.Next) this.#take(message.id, data);
      else this.forget(message.id);
    }
    return undefined;
  }

  /** The subscription has ended. */
  forget(id: string): void {
    this.#positions.delete(id);
    this.#waiting.delete(questionOf(id));
  }

  #take(id: string, data: unknown): void {
    const positions = this.#positions.get(id);
    if (positions === undefined) return;
    for (const { deviceId, position } of positionedIn(data)) positions.set(deviceId, position);
  }

  #answered(question: string, subscription: SubscribeMessage, data: unknown): Message {
    this.#waiting.delete(question);
    const { currentPositions } = (data ?? {}) as { currentPositions?: readonly Positioned[] };
    const { after } = variablesOf(subscription);
    // Where the question is refused, the subscription is, too: its answer says why.
    this.#positions.set(subscription.id, positionsOf(currentPositions, after));
    return this.#begin(subscription);
  }

  #begin(message: SubscribeMessage): Message {
    const { id, type, payload } = message;
    if (!declaresAfter(payload.query)) return message;
    const variables = variablesOf(message);
    const { deviceIds, replay, after } = variables;
    const positions = this.#positions.get(id);
    if (positions === undefined && deviceIds !== undefined) {
      const question = questionOf(id);
      this.#waiting.set(question, message);
      const query = CurrentPositionsText;
      return { id: question, type, payload: { query, variables: { deviceIds, replay } } };
    }
    // Devices that stand in the document itself: their positions come with their messages.
    const behind = positions ?? positionsOf(after);
    this.#positions.set(id, behind);
    return {
      ...message,
      payload: { ...payload, variables: { ...variables, after: listOf(behind) } },
    };
  }
}
