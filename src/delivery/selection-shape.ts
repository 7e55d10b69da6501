import {
  getOperationAST,
  isRequiredArgument,
  Kind,
  print,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';

export interface SelectionRequest {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * The part of an operation on which its results depend, after the arguments of the root
 * field have been used.
 */
interface SelectionShape {
  /** The selection, its fragments and the definitions of its variables, printed. */
  readonly text: string;
  /** The document to execute: it contains the selection and its fragments, and nothing else. */
  readonly document: DocumentNode;
  /** The variables used inside it. */
  readonly variables: readonly string[];
}

/**
 * The shape of each document. Documents are shared by all clients that sent the same
 * text, so each shape is computed once.
 */
const shapes = new WeakMap<DocumentNode, Map<string, SelectionShape>>();

/** The shape of an operation, with the values on which its results depend. */
export interface SelectionPart extends SelectionRequest {
  /**
   * Equal for two operations whose results are equal for every event: those
   * that differ only in the arguments of the root field, in their names, or in
   * the values of variables that the selection does not use.
   */
  readonly key: string;
}

export function selectionOf(
  schema: GraphQLSchema,
  { document, operationName, variables }: SelectionRequest,
): SelectionPart {
  let ofDocument = shapes.get(document);
  if (ofDocument === undefined) {
    ofDocument = new Map();
    shapes.set(document, ofDocument);
  }
  let shape = ofDocument.get(operationName ?? '');
  if (shape === undefined) {
    shape = shapeOf(schema, document, operationName);
    ofDocument.set(operationName ?? '', shape);
  }
  if (shape.variables.length === 0) return { key: shape.text, document: shape.document };
  // A variable that was omitted (its default applies) differs from one that is null: it has no
  // entry here.
  const values = shape.variables
    .filter((name) => variables != null && Object.hasOwn(variables, name))
    .map((name): [string, unknown] => [name, variables![name]]);
  return {
    key: `${shape.text}\n${JSON.stringify(values)}`,
    document: shape.document,
    variables: Object.fromEntries(values),
  };
}

function shapeOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): SelectionShape {
  const operation = getOperationAST(document, operationName)!;
  const rootType = schema.getRootType(operation.operation)!;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  const used = new Map<string, FragmentDefinitionNode>();
  const variables = new Set<string>();

  /** The field of the root type with only its required arguments, which are lists: they are empty. */
  function rootField(field: FieldNode): FieldNode {
    const required = rootType.getFields()[field.name.value]?.args.filter(isRequiredArgument) ?? [];
    return {
      ...field,
      arguments: required.map(({ name }) => ({
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: name },
        value: { kind: Kind.LIST, values: [] },
      })),
    };
  }

  /** The selection of the root type without the values of its arguments. */
  function atRoot(selectionSet: SelectionSetNode): SelectionSetNode {
    return {
      ...selectionSet,
      selections: selectionSet.selections.map((selection) => {
        switch (selection.kind) {
          case Kind.FIELD:
            return rootField(selection);
          case Kind.INLINE_FRAGMENT:
            return { ...selection, selectionSet: atRoot(selection.selectionSet) };
          case Kind.FRAGMENT_SPREAD:
            return selection;
        }
      }),
    };
  }

  function collect(selectionSet: SelectionSetNode): void {
    visit(selectionSet, {
      Variable({ name }) {
        variables.add(name.value);
      },
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || used.has(name.value)) return;
        const isOnRoot = fragment.typeCondition.name.value === rootType.name;
        const selections = isOnRoot ? atRoot(fragment.selectionSet) : fragment.selectionSet;
        used.set(name.value, { ...fragment, selectionSet: selections });
        collect(selections);
      },
    });
  }

  const selectionSet = atRoot(operation.selectionSet);
  collect(selectionSet);
  const definitions = (operation.variableDefinitions ?? []).filter(({ variable }) =>
    variables.has(variable.name.value),
  );
  const text = [
    print(selectionSet),
    ...[...used.values()].map(print).toSorted(),
    ...definitions.map(print).toSorted(),
  ];
  return {
    text: text.join('\n'),
    document: {
      kind: Kind.DOCUMENT,
      definitions: [
        { ...operation, selectionSet, variableDefinitions: definitions },
        ...used.values(),
      ],
    },
    variables: [...variables].toSorted(),
  };
}
