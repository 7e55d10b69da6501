import {
  createSourceEventStream,
  execute,
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { Holder } from '../bounds/holder.ts';
import type { OperationTurns } from '../bounds/operation-turns.ts';
import type { RefusalCounter } from '../observe/refusals.ts';
import type { SchemaContext } from '../../schema/builder.ts';
import { QueuedSubscription } from '../broker/queued-subscription.ts';
import type { Answer } from './answer.ts';
import type { CheckDocument } from './document-cache.ts';
import { withCode } from './error-code.ts';
import { ResultStream } from './result-stream.ts';
import type { Selection } from './selection.ts';
import type { Selections } from './selections.ts';

/** An operation as it came over a wire; every member is from outside. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  /** It came by a method that changes nothing, such as GET: a mutation is refused. Default: false. */
  readonly isSafe?: boolean;
}

/** An operation that may be executed. */
export interface Operation {
  readonly type: OperationTypeNode;
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>> | null;
}

export type PreparedOperation =
  | { readonly ok: true; readonly operation: Operation }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

/** Device messages of the shared kind: each is rendered once for all subscribers. The selection is to be released. */
export interface MessagesOutcome {
  readonly kind: 'messages';
  readonly subscription: QueuedSubscription;
  readonly selection: Selection;
}

/** What executing an operation gives. */
export type Outcome =
  | MessagesOutcome
  /** The texts of results, one after the other; `return` MUST be called when no more of them are wanted. */
  | { readonly kind: 'results'; readonly results: AsyncIterableIterator<string, undefined> }
  /** The one answer there is. A subscription that was refused has errors and no data. */
  | { readonly kind: 'answer'; readonly answer: Answer };

/** What one transport does with each kind of outcome. */
export interface OutcomeReceiver<Result> {
  messages(outcome: MessagesOutcome): Result;
  results(results: AsyncIterableIterator<string, undefined>): Result;
  answer(answer: Answer): Result;
}

/** Hands an outcome to its transport. */
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

/** What performs operations. */
export interface OperationServices {
  readonly schema: GraphQLSchema;
  readonly selections: Selections;
  readonly turns: OperationTurns;
  readonly refusals: RefusalCounter;
  /** Makes the answer of a result: see `answerTo`. */
  readonly answer: (result: ExecutionResult) => Answer;
}

/** The code of a mutation that came by a method that changes nothing. */
export const methodNotAllowed = 'METHOD_NOT_ALLOWED';

/** Of a text of the client's in an error. */
const shownCharacters = 256;

/** Parses, validates and picks the operation. */
export function prepareOperation(
  check: CheckDocument,
  request: OperationRequest,
): PreparedOperation {
  const checked = check(request.query);
  if (!checked.ok) return checked;
  // The empty string is how some clients say that there is none.
  const operationName = request.operationName || null;
  const operation = getOperationAST(checked.document, operationName);
  if (operation == null) {
    const message =
      operationName === null
        ? 'The document holds several operations: name one in operationName.'
        : `The document has no operation named "${operationName.slice(0, shownCharacters)}".`;
    const code = 'OPERATION_RESOLUTION_FAILURE';
    return { ok: false, errors: [new GraphQLError(message, { extensions: { code } })] };
  }
  if (request.isSafe === true && operation.operation === OperationTypeNode.MUTATION) {
    const message = 'A mutation changes something: send it with POST.';
    return {
      ok: false,
      errors: [new GraphQLError(message, { extensions: { code: methodNotAllowed } })],
    };
  }
  return {
    ok: true,
    operation: {
      type: operation.operation,
      document: checked.document,
      operationName,
      variables: declaredOnly(operation, request.variables ?? null),
    },
  };
}

/**
 * A subscription keeps its variables for as long as it lasts: those that the
 * operation does not declare have no effect, and could be a megabyte.
 */
function declaredOnly(
  { variableDefinitions }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>> | null,
): Readonly<Record<string, unknown>> | null {
  if (variables === null) return null;
  const names = (variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(variables, name)).map((name) => [name, variables[name]]),
  );
}

/**
 * Executes an operation for one client. Rejects for no reason that a client can
 * give. What there is to do for a query is done before it returns, so that it
 * counts as the work of this turn of the event loop.
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
      // It was executed, as far as it went: that is not the answer to a bad request.
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
    // graphql-js resolves the root field and its arguments; what comes of it, an
    // event stream, is ours to read.
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
 * What keeps an operation from being executed at all, once its document is
 * valid, are the values of its variables; graphql-js has no code for them. An
 * error that a resolver did not make for clients stays without one.
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
