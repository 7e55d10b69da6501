/** A node of a document, as graphql-js parses it: its members depend on its kind. */
interface Node {
  readonly kind: string;
  readonly [member: string]: unknown;
}

export interface DocumentNode {
  readonly kind: 'Document';
  readonly definitions: readonly unknown[];
}

type Print = (node: Node) => string;

/**
 * The text of an executable document. The documents of code generators have no
 * `loc` with their source, so they have to be printed, and a page may have no
 * graphql to print them with.
 */
export function printDocument({ definitions }: DocumentNode): string {
  return (definitions as readonly Node[]).map(print).join('\n');
}

const printers: Readonly<Record<string, Print>> = {
  OperationDefinition: (node) =>
    `${node['operation'] as string} ${name(node)}${between('(', list(node['variableDefinitions'], ', '), ')')}${directives(node)} ${child(node['selectionSet'])}`,
  FragmentDefinition: (node) =>
    `fragment ${name(node)} on ${child(node['typeCondition'])}${directives(node)} ${child(node['selectionSet'])}`,
  VariableDefinition: (node) =>
    `${child(node['variable'])}: ${child(node['type'])}${between(' = ', child(node['defaultValue']))}${directives(node)}`,
  SelectionSet: (node) => `{ ${list(node['selections'], ' ')} }`,
  Field: (node) =>
    `${between('', child(node['alias']), ': ')}${name(node)}${argumentList(node)}${directives(node)}${between(' ', child(node['selectionSet']))}`,
  FragmentSpread: (node) => `...${name(node)}${directives(node)}`,
  InlineFragment: (node) =>
    `...${between(' on ', child(node['typeCondition']))}${directives(node)} ${child(node['selectionSet'])}`,
  Directive: (node) => `@${name(node)}${argumentList(node)}`,
  Argument: (node) => `${name(node)}: ${child(node['value'])}`,
  ObjectField: (node) => `${name(node)}: ${child(node['value'])}`,
  Name: (node) => node['value'] as string,
  Variable: (node) => `$${name(node)}`,
  NamedType: (node) => name(node),
  ListType: (node) => `[${child(node['type'])}]`,
  NonNullType: (node) => `${child(node['type'])}!`,
  IntValue: (node) => node['value'] as string,
  FloatValue: (node) => node['value'] as string,
  EnumValue: (node) => node['value'] as string,
  // Every escape of JSON is one of GraphQL.
  StringValue: (node) => JSON.stringify(node['value']),
  BooleanValue: (node) => String(node['value']),
  NullValue: () => 'null',
  ListValue: (node) => `[${list(node['values'], ', ')}]`,
  ObjectValue: (node) => `{${list(node['fields'], ', ')}}`,
};

function print(node: Node): string {
  const printer = printers[node.kind];
  if (printer === undefined) {
    throw new TypeError(`A document that can be executed has no ${node.kind}.`);
  }
  return printer(node);
}

function child(node: unknown): string {
  return node === undefined ? '' : print(node as Node);
}

function list(nodes: unknown, separator: string): string {
  return ((nodes ?? []) as readonly Node[]).map(print).join(separator);
}

function name(node: Node): string {
  return child(node['name']);
}

function argumentList(node: Node): string {
  return between('(', list(node['arguments'], ', '), ')');
}

function directives(node: Node): string {
  return between(' ', list(node['directives'], ' '));
}

function between(before: string, text: string, after = ''): string {
  return text === '' ? '' : before + text + after;
}
