import type { ExecutionResult, GraphQLError } from 'graphql';
import { limitExceeded } from '../../schema/errors.ts';
import { publicResult } from './public-error.ts';
import { resultText, ResultTooLong } from './result-text.ts';

/** The single result of an operation, as its client gets it. */
export interface Answer {
  readonly text: string;
  /** What the client may see of its errors. */
  readonly errors: readonly GraphQLError[];
  /** Whether the answer has data. Without data, the operation was refused as a whole. */
  readonly hasData: boolean;
}

export interface AnswerOptions {
  /** Converts an error into what a client may see of it. */
  readonly hide: (error: unknown) => GraphQLError;
  /** The longest text of an answer, in bytes. */
  readonly maxBytes: number;
  /** Called when the answer would be longer than that. */
  readonly refused: () => void;
}

/**
 * The maximum number of errors in one answer: an error takes far more time and memory
 * than the field that it belongs to.
 */
const maxErrors = 20;

/** Prints a result. When it is too long, the answer is an error instead. */
export function answerTo(result: ExecutionResult, options: AnswerOptions): Answer {
  const { hide, maxBytes, refused } = options;
  const errors = (result.errors ?? []).slice(0, maxErrors).map(hide);
  const shown = result.errors === undefined ? result : { ...result, errors };
  try {
    const text = resultText(
      publicResult(shown, (error) => error),
      maxBytes,
    );
    if (Buffer.byteLength(text) <= maxBytes) {
      return { text, errors, hasData: result.data !== undefined };
    }
  } catch (error) {
    if (!(error instanceof ResultTooLong)) throw error;
  }
  refused();
  const error = limitExceeded(
    `One answer takes at most ${maxBytes} bytes: ask for fewer devices, or for fewer messages of each.`,
  );
  return {
    text: resultText({ data: null, errors: [error.toJSON()] }),
    errors: [error],
    hasData: true,
  };
}

/** The answer to an operation that was refused. */
export function refusal(error: GraphQLError): Answer {
  return { text: resultText({ errors: [error.toJSON()] }), errors: [error], hasData: false };
}
