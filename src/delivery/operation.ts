import {
  createSourceEventStream,
  execute,
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { SchemaContext } from '../../schema/builder.ts';
import { Subscription } from '../broker/subscription.ts';
import type { CheckDocument } from './document-cache.ts';
import { withCode } from './error-code.ts';
import { ResultStream } from './result-stream.ts';
import type { Selection, Selections } from './selection.ts';

/** An operation as it came over a wire; every member is from outside. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
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
  readonly subscription: Subscription;
  readonly selection: Selection;
}

/** What executing an operation gives. */
export type Outcome =
  | MessagesOutcome
  /** Results one by one, each for this client alone. */
  | {
      readonly kind: 'results';
      readonly results: AsyncIterableIterator<ExecutionResult, undefined>;
    }
  /** The one result there is. A subscription that was refused has errors and no data. */
  | { readonly kind: 'result'; readonly result: ExecutionResult };

/** Parses, validates and picks the operation. */
export function prepareOperation(
  check: CheckDocument,
  request: OperationRequest,
): PreparedOperation {
  const checked = check(request.query);
  if (!checked.ok) return checked;
  const operationName = request.operationName ?? null;
  const operation = getOperationAST(checked.document, operationName);
  if (operation == null) {
    const message =
      operationName === null
        ? 'The document holds several operations: name one in operationName.'
        : `The document has no operation named "${operationName}".`;
    const code = 'OPERATION_RESOLUTION_FAILURE';
    return { ok: false, errors: [new GraphQLError(message, { extensions: { code } })] };
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

/** Executes an operation for one client. Rejects for no reason that a client can give. */
export async function performOperation(
  schema: GraphQLSchema,
  selections: Selections,
  operation: Operation,
  contextValue: SchemaContext,
): Promise<Outcome> {
  const { document, operationName, variables } = operation;
  const args = { schema, document, operationName, variableValues: variables, contextValue };
  if (operation.type !== OperationTypeNode.SUBSCRIPTION) {
    return { kind: 'result', result: withCodes(await execute(args)) };
  }
  // graphql-js resolves the root field and its arguments; what comes of it, an
  // event stream, is ours to read.
  const source = await createSourceEventStream(args);
  if (!isAsyncIterable(source)) return { kind: 'result', result: withCodes(source) };
  if (source instanceof Subscription) {
    return { kind: 'messages', subscription: source, selection: selections.acquire(operation) };
  }
  return {
    kind: 'results',
    results: new ResultStream(source, (event) => execute({ ...args, rootValue: event })),
  };
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
