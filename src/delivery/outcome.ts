import type { QueuedSubscription } from '../broker/queued-subscription.ts';
import type { Answer } from './answer.ts';
import type { Selection } from './selection.ts';

/** Device messages that are rendered once for all subscribers. The selection MUST be released. */
export interface MessagesOutcome {
  readonly kind: 'messages';
  readonly subscription: QueuedSubscription;
  readonly selection: Selection;
}

/** The outcome of executing an operation. */
export type Outcome =
  | MessagesOutcome
  /** The texts of results, one after the other. `return` MUST be called when no more are needed. */
  | { readonly kind: 'results'; readonly results: AsyncIterableIterator<string, undefined> }
  /** A single answer. A refused subscription has errors and no data. */
  | { readonly kind: 'answer'; readonly answer: Answer };

/** What one transport does with each kind of outcome. */
export interface OutcomeReceiver<Result> {
  messages(outcome: MessagesOutcome): Result;
  results(results: AsyncIterableIterator<string, undefined>): Result;
  answer(answer: Answer): Result;
}

/** Passes an outcome to its transport. */
export function deliver<Result>(outcome: Outcome, receiver: OutcomeReceiver<Result>): Result {
  switch (outcome.kind) {
    case 'messages':
      return receiver.messages(outcome);
    case 'results':
      return receiver.results(outcome.results);
    case 'answer':
      return receiver.answer(outcome.answer);
  }
}
