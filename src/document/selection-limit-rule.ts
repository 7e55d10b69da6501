import {
  Kind,
  type ASTVisitor,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { badUserInput } from '../../schema/errors.ts';

const maxFields = 500;

/**
 * Refuses a document with more than 500 fields in all its definitions, used or not, and
 * an operation that selects more than 500 after its fragments are spread. Validation
 * compares fields with each other, in unused fragments too; and with fragments a short
 * document can select one field thousands of times. GraphiQL's introspection selects
 * about 200.
 */
export function selectionLimitRule(context: ValidationContext): ASTVisitor {
  const sizes = new Map<FragmentDefinitionNode, number>();

  function size({ selections }: SelectionSetNode): number {
    let fields = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        fields += 1;
        if (selection.selectionSet !== undefined) fields += size(selection.selectionSet);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        fields += size(selection.selectionSet);
      } else {
        const fragment = context.getFragment(selection.name.value);
        if (fragment != null) fields += sizeOfFragment(fragment);
      }
    }
    return fields;
  }

  function sizeOfFragment(fragment: FragmentDefinitionNode): number {
    const known = sizes.get(fragment);
    if (known !== undefined) return known;
    // A cycle adds nothing here; another rule refuses it.
    sizes.set(fragment, 0);
    const fields = size(fragment.selectionSet);
    sizes.set(fragment, fields);
    return fields;
  }

  let written = 0;
  let reported = false;
  function report(message: string): void {
    if (reported) return;
    reported = true;
    context.reportError(badUserInput(message));
  }

  return {
    Field() {
      written += 1;
    },
    OperationDefinition(operation) {
      const fields = size(operation.selectionSet);
      if (fields <= maxFields) return;
      report(
        `The operation selects ${fields} fields after its fragments are spread; at most ${maxFields} are allowed.`,
      );
    },
    Document: {
      leave() {
        if (written <= maxFields) return;
        report(
          `The document has ${written} fields in all its definitions; at most ${maxFields} are allowed.`,
        );
      },
    },
  };
}
