import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  type DocumentNode,
  type OperationDefinitionNode,
} from 'graphql';
import type { CheckDocument } from './document-cache.ts';

/** An operation as a client sent it; no member can be trusted. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  /**
   * Whether it came by a method that must not change anything, such as GET: a mutation
   * is then refused. Default: false.
   */
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

/** The code of a mutation that came by a safe method, such as GET. */
export const methodNotAllowed = 'METHOD_NOT_ALLOWED';

/** How many characters of the client's text an error message shows. */
const shownCharacters = 256;

/** Parses, validates and picks the operation. */
export function prepareOperation(
  check: CheckDocument,
  request: OperationRequest,
): PreparedOperation {
  const checked = check(request.query);
  if (!checked.ok) return checked;
  // Some clients send the empty string when there is no name.
  const operationName = request.operationName || null;
  const operation = getOperationAST(checked.document, operationName);
  if (operation == null) {
    const message =
      operationName === null
        ? 'The document has several operations: name one in operationName.'
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
 * Keeps only the variables that the operation declares. A subscription keeps its
 * variables while it lasts: others have no effect, and could take a megabyte.
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
