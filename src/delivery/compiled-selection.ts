import {
  getDirectiveValues,
  getOperationAST,
  getVariableValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  separateOperations,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  type FragmentSpreadNode,
  type GraphQLSchema,
  type InlineFragmentNode,
} from 'graphql';
import * as jit from 'graphql-jit';
import type { SelectionRequest } from './selection-shape.ts';

/** Executes a selection for one event. */
export type Execute = (event: unknown) => ExecutionResult;

/**
 * Compiles the selection; running the code costs about an eighth of interpreting the
 * selection. Returns undefined when graphql-jit cannot compile it.
 *
 * Only the compiled `query` is used, with the event as its root value: the library's
 * own `subscribe` passes the operation's variables to the resolver in place of its
 * arguments.
 */
export function compileSelection(
  schema: GraphQLSchema,
  { document, operationName, variables }: SelectionRequest,
): Execute | undefined {
  let compiled: jit.CompiledQuery | ExecutionResult;
  let coerced: Readonly<Record<string, unknown>> | undefined;
  try {
    const operation = getOperationAST(document, operationName)!;
    // graphql-jit does not find a required variable that uses its default.
    ({ coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {}));
    if (coerced === undefined) return undefined;
    const alone = separateOperations(document)[operation.name?.value ?? '']!;
    compiled = jit.compileQuery(schema, withoutDirectives(alone, coerced));
  } catch {
    // A selection that cannot be compiled is interpreted: slower, with the same result.
    return undefined;
  }
  if (!jit.isCompiledQuery(compiled)) return undefined;
  const query = compiled.query as (root: unknown, context: unknown, variables: unknown) => unknown;
  return (event) => {
    const result = query(event, undefined, coerced);
    if (result instanceof Promise) throw new TypeError('an event resolves synchronously');
    return result as ExecutionResult;
  };
}

/**
 * Applies `@skip` and `@include` to the document. The variables of a selection are
 * fixed, and graphql-jit handles these directives wrongly: it treats null as false,
 * loses a fragment that is spread twice and left out once, and puts a field in the
 * place of an occurrence that was left out.
 *
 * Throws when a directive is invalid.
 */
function withoutDirectives(
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): DocumentNode {
  function resolve<Node extends FieldNode | FragmentSpreadNode | InlineFragmentNode>(
    node: Node,
  ): Node | null {
    const skipped = getDirectiveValues(GraphQLSkipDirective, node, variables)?.['if'] === true;
    const included = getDirectiveValues(GraphQLIncludeDirective, node, variables)?.['if'] !== false;
    return skipped || !included ? null : { ...node, directives: [] };
  }
  return visit(document, {
    Field(node) {
      // In the code that graphql-jit generates, this name would set the prototype.
      if (node.alias?.value === '__proto__') throw new TypeError('not to be compiled: __proto__');
      return resolve(node);
    },
    FragmentSpread: resolve,
    InlineFragment: resolve,
  });
}
