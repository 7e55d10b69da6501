import {
  createSourceEventStream,
  execute,
  GraphQLError,
  OperationTypeNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import type { SchemaContext } from '../../schema/builder.ts';
import type { Holder } from '../bounds/holder.ts';
import type { OperationTurns } from '../bounds/operation-turns.ts';
import { QueuedSubscription } from '../broker/queued-subscription.ts';
import { withCode } from '../document/error-code.ts';
import type { Operation } from '../document/operation.ts';
import type { RefusalCounter } from '../metrics/refusals.ts';
import type { Answer } from './answer.ts';
import type { Outcome } from './outcome.ts';
import { ResultStream } from './result-stream.ts';
import type { Selections } from './selections.ts';

/** What performs operations. */
export interface OperationServices {
  readonly schema: GraphQLSchema;
  readonly selections: Selections;
  readonly turns: OperationTurns;
  readonly refusals: RefusalCounter;
  /** Converts a result into an answer: {@link answerTo}. */
  readonly answer: (result: ExecutionResult) => Answer;
}

/**
 * Executes an operation for one client. Never rejects because of the client's input.
 * The work for a query is done before it returns, so that it counts as work of this
 * turn of the event loop.
 */
export function performOperation(
  services: OperationServices,
  operation: Operation,
  contextValue: SchemaContext,
  holder: Holder,
): Outcome | Promise<Outcome> {
  if (operation.type === OperationTypeNode.SUBSCRIPTION) {
    return openSubscription(services, operation, contextValue, holder);
  }
  const answer = (result: ExecutionResult): Outcome => {
    const { overrun } = contextValue.budget;
    if (overrun !== undefined) services.refusals.count('ANSWER_SIZE');
    return {
      kind: 'answer',
      // The operation was partly executed, so the answer is not that for an invalid request.
      answer: services.answer(
        overrun === undefined ? withCodes(result) : { data: null, errors: [overrun] },
      ),
    };
  };
  const result = execute(argsOf(services, operation, contextValue));
  return result instanceof Promise ? result.then(answer) : answer(result);
}

async function openSubscription(
  services: OperationServices,
  operation: Operation,
  contextValue: SchemaContext,
  holder: Holder,
): Promise<Outcome> {
  const { selections, turns } = services;
  const refused = (result: ExecutionResult): Outcome => ({
    kind: 'answer',
    answer: services.answer(result),
  });
  const selection = selections.acquire(operation, holder);
  if (selection instanceof GraphQLError) return refused({ errors: [selection] });
  let opened = false;
  try {
    // graphql-js resolves the root field and its arguments; the resulting event stream is read
    // here.
    const source = await createSourceEventStream(argsOf(services, operation, contextValue));
    if (!isAsyncIterable(source)) return refused(withCodes(source));
    opened = true;
    if (source instanceof QueuedSubscription)
      return { kind: 'messages', subscription: source, selection };
    const results = new ResultStream(source, {
      textOf: (event) => turns.run(holder, () => selection.sharedText(event)),
      ended: () => selections.release(selection, holder),
    });
    return { kind: 'results', results };
  } finally {
    if (!opened) selections.release(selection, holder);
  }
}

function argsOf(
  { schema }: OperationServices,
  { document, operationName, variables }: Operation,
  contextValue: SchemaContext,
): ExecutionArgs {
  return { schema, document, operationName, variableValues: variables, contextValue };
}

/**
 * Adds a code to errors in the values of variables: once the document is valid, only
 * these prevent an operation from being executed, and graphql-js has no code for them.
 * An error that a resolver did not create for clients stays without a code.
 */
function withCodes(result: ExecutionResult): ExecutionResult {
  if (result.data !== undefined) return result;
  for (const error of result.errors ?? []) {
    const { originalError } = error;
    if (originalError == null || originalError instanceof GraphQLError) {
      withCode(error, 'BAD_USER_INPUT');
    }
  }
  return result;
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value;
}
