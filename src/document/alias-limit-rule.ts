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
 * Refuses a selection that has one field without arguments under more than four
 * response names. The field has the same value under each name, so no program needs
 * more, and each name writes the value again: 500 aliases of `payload` would write 500
 * payloads for each message.
 *
 * Fields are counted as execution merges them: fields with one response name are one
 * selection, whichever fragment they are in. The document MUST be valid otherwise: a
 * cycle of fragments would not end here.
 */
export function aliasLimitRule(context: ValidationContext): ASTVisitor {
  /** The fields of the merged selection sets, by response name. */
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

  /** The name of a field with too many response names; undefined when there is none. */
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
          `"${field}" is selected under more than ${maxNames} response names; without arguments, it has the same value under each of them. Select it once.`,
        ),
      );
    },
  };
}
