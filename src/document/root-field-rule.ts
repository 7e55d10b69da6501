import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  type ASTVisitor,
  type FieldNode,
  type FragmentSpreadNode,
  type InlineFragmentNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/**
 * Refuses a subscription whose root field is left out by `@skip` or `@include`. The
 * standard rules accept it, and graphql-js then fails, because it assumes that there is
 * an event stream to open.
 */
export function rootFieldRule(context: ValidationContext): ASTVisitor {
  function selectsField({ selections }: SelectionSetNode, spread: Set<string>): boolean {
    return selections.some((selection) => {
      if (isLeftOut(selection)) return false;
      switch (selection.kind) {
        case Kind.FIELD:
          return true;
        case Kind.INLINE_FRAGMENT:
          return selectsField(selection.selectionSet, spread);
        case Kind.FRAGMENT_SPREAD: {
          const name = selection.name.value;
          const fragment = context.getFragment(name);
          // A fragment that was spread before selected nothing, otherwise the search would have
          // ended there.
          if (fragment == null || spread.has(name)) return false;
          spread.add(name);
          return selectsField(fragment.selectionSet, spread);
        }
      }
    });
  }

  return {
    OperationDefinition(operation) {
      if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return;
      if (selectsField(operation.selectionSet, new Set())) return;
      context.reportError(
        new GraphQLError(
          'The subscription leaves out its only field, so there is nothing to subscribe to.',
          {
            nodes: operation,
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ),
      );
    },
  };
}

/**
 * Whether a literal directive leaves the selection out. At the root of a subscription,
 * a variable in a directive is refused.
 */
function isLeftOut({ directives }: FieldNode | InlineFragmentNode | FragmentSpreadNode): boolean {
  return (directives ?? []).some(({ name, arguments: args }) => {
    const value = args?.find((argument) => argument.name.value === 'if')?.value;
    if (value?.kind !== Kind.BOOLEAN) return false;
    return name.value === 'skip' ? value.value : name.value === 'include' && !value.value;
  });
}
