import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  type DocumentNode,
  type OperationDefinitionNode,
} from 'graphql';
import type { CheckDocument } from './document-cache.ts';

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
