import {
  Kind,
  type ASTVisitor,
  type FieldNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { badUserInput } from '../../schema/errors.ts';

const maxNames = 4;

/**
 * Refuses a selection that has one field without arguments under more than
 * four response names. Under each name it answers the same, so no program needs
 * more, and each name writes the value once more: 500 aliases of `payload` would
 * make 500 payloads of each message.
 *
 * Counted is what execution merges: fields of one response name, in whichever
 * fragment they stand, are one selection. For a document that is valid otherwise:
 * a cycle of fragments has no end here.
 */
export function aliasLimitRule(context: ValidationContext): ASTVisitor {
  /** The fields of selection sets that are merged, by response name. */
  function merged(sets: readonly SelectionSetNode[]): Map<string, FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    const collect = ({ selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        if (selection.kind === Kind.FIELD) {
          const name = (selection.alias ?? selection.name).value;
          const others = fields.get(name);
          if (others === undefined) fields.set(name, [selection]);
          else others.push(selection);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          collect(selection.selectionSet);
        } else if (!spread.has(selection.name.value)) {
          spread.add(selection.name.value);
          const fragment = context.getFragment(selection.name.value);
          if (fragment != null) collect(fragment.selectionSet);
        }
      }
    };
    for (const set of sets) collect(set);
    return fields;
  }

  /** The name of a field that stands under too many names; undefined when there is none. */
  function offender(sets: readonly SelectionSetNode[]): string | undefined {
    const names = new Map<string, number>();
    for (const nodes of merged(sets).values()) {
      const [first] = nodes;
      if (first !== undefined && (first.arguments ?? []).length === 0) {
        const count = (names.get(first.name.value) ?? 0) + 1;
        if (count > maxNames) return first.name.value;
        names.set(first.name.value, count);
      }
      const below = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      const found = below.length === 0 ? undefined : offender(below);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return {
    OperationDefinition({ selectionSet }) {
      const field = offender([selectionSet]);
      if (field === undefined) return;
      context.reportError(
        badUserInput(
          `"${field}" is selected under more than ${maxNames} response names; without arguments, each of them answers the same. Select it once.`,
        ),
      );
    },
  };
}
