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

/** From an event to its execution result. */
export type Execute = (event: unknown) => ExecutionResult;

/**
 * The selection as compiled code, which costs about an eighth of interpreting
 * it; undefined where graphql-jit cannot compile it.
 *
 * Only the compiled `query` is used, with the event as its root value: the
 * library's own `subscribe` hands the operation's variables to the resolver
 * where its arguments belong.
 */
export function compileSelection(
  schema: GraphQLSchema,
  { document, operationName, variables }: SelectionRequest,
): Execute | undefined {
  let compiled: jit.CompiledQuery | ExecutionResult;
  let coerced: Readonly<Record<string, unknown>> | undefined;
  try {
    const operation = getOperationAST(document, operationName)!;
    // graphql-jit misses a required variable that was left to its default.
    ({ coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {}));
    if (coerced === undefined) return undefined;
    const alone = separateOperations(document)[operation.name?.value ?? '']!;
    compiled = jit.compileQuery(schema, withoutDirectives(alone, coerced));
  } catch {
    // What it cannot compile is interpreted, which is slower and as right.
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
 * What `@skip` and `@include` leave of the document. The variables of a
 * selection are fixed, and graphql-jit has its own ideas of these directives: it
 * takes a null for false, loses a fragment that is spread twice and left out
 * once, and puts a field in the place of an occurrence that was left out.
 *
 * Throws where a directive is an error.
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
      // In the code that graphql-jit writes it would set the prototype.
      if (node.alias?.value === '__proto__') throw new TypeError('not to be compiled: __proto__');
      return resolve(node);
    },
    FragmentSpread: resolve,
    InlineFragment: resolve,
  });
}
