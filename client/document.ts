import { printDocument, type DocumentNode } from './print-document.ts';

/**
 * A document that knows the types of its data and its variables: a
 * `TypedDocumentNode` or a `TypedDocumentString` of the GraphQL code generator.
 */
export interface TypedDocument<Data, Variables> {
  readonly __apiType?: (variables: Variables) => Data;
}

/**
 * A document that the code generator has written. It fits the `DocumentNode` of
 * every release of graphql and names none: `kind` is an enum in graphql 16, not the
 * same one in each release, and a string in 17. `never` fits them all.
 */
export interface GeneratedDocument<Data, Variables> extends TypedDocument<Data, Variables> {
  readonly kind: never;
  readonly definitions: readonly never[];
}

/** The text of a document: as it is, or printed. */
export function documentText(document: unknown): string {
  if (typeof document === 'string') return document;
  if (typeof document === 'object' && document !== null) {
    if ('definitions' in document) return printDocument(document as DocumentNode);
    // A TypedDocumentString is an object, and extends String.
    const text: unknown = document.valueOf();
    if (typeof text === 'string') return text;
  }
  throw new TypeError(
    'A document is a text, or what the GraphQL code generator or gql`…` has made.',
  );
}
