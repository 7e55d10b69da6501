import {
  getOperationAST,
  Kind,
  print,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** What of an operation its results depend on, once the arguments of the root field have done their work. */
interface SelectionShape {
  /** The selection, its fragments and the definitions of its variables, printed. */
  readonly text: string;
  /** The variables used inside it. */
  readonly variables: readonly string[];
}

/** A document is shared by all who sent its text, so its shape is found once. */
const shapes = new WeakMap<DocumentNode, Map<string, SelectionShape>>();

/**
 * Equal for two operations whose results are equal for every message: those
 * that differ only in the arguments of the root field, in their names, or in
 * the values of variables that the selection does not use.
 */
export function selectionKey(
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): string {
  let ofDocument = shapes.get(document);
  if (ofDocument === undefined) {
    ofDocument = new Map();
    shapes.set(document, ofDocument);
  }
  let shape = ofDocument.get(operationName ?? '');
  if (shape === undefined) {
    shape = shapeOf(document, operationName);
    ofDocument.set(operationName ?? '', shape);
  }
  if (shape.variables.length === 0) return shape.text;
  // A variable that was left out (its default counts) is not one that is null: it has no entry here.
  const values = shape.variables
    .filter((name) => variables != null && Object.hasOwn(variables, name))
    .map((name) => [name, variables![name]]);
  return `${shape.text}\n${JSON.stringify(values)}`;
}

function shapeOf(document: DocumentNode, operationName: string | null | undefined): SelectionShape {
  const operation = getOperationAST(document, operationName)!;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  const printed = new Map<string, string>();
  const variables = new Set<string>();

  function collect(selectionSet: SelectionSetNode): void {
    visit(selectionSet, {
      Variable({ name }) {
        variables.add(name.value);
      },
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || printed.has(name.value)) return;
        const isOnRoot = fragment.typeCondition.name.value === 'Subscription';
        const selections = isOnRoot
          ? withoutArguments(fragment.selectionSet)
          : fragment.selectionSet;
        printed.set(name.value, print({ ...fragment, selectionSet: selections }));
        collect(selections);
      },
    });
  }

  const selectionSet = withoutArguments(operation.selectionSet);
  collect(selectionSet);
  const definitions = (operation.variableDefinitions ?? [])
    .filter(({ variable }) => variables.has(variable.name.value))
    .map((definition) => print(definition));
  const text = [
    print(selectionSet),
    ...[...printed.values()].toSorted(),
    ...definitions.toSorted(),
  ];
  return { text: text.join('\n'), variables: [...variables].toSorted() };
}

/** The selection of a root type without the arguments of its fields. */
function withoutArguments(selectionSet: SelectionSetNode): SelectionSetNode {
  return {
    ...selectionSet,
    selections: selectionSet.selections.map((selection) => {
      switch (selection.kind) {
        case Kind.FIELD:
          return { ...selection, arguments: [] };
        case Kind.INLINE_FRAGMENT:
          return { ...selection, selectionSet: withoutArguments(selection.selectionSet) };
        case Kind.FRAGMENT_SPREAD:
          return selection;
      }
    }),
  };
}
