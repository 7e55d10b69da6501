import { printDocument, type DocumentNode } from './print-document.ts';

/**
 * A document that knows the types of its data and its variables: a
 * `TypedDocumentNode` or a `TypedDocumentString` of the GraphQL code generator.
 */
export interface TypedDocument<Data, Variables> {
  readonly __apiType?: (variables: Variables) => Data;
}

/** The text of a document: as it is, or printed. */
export function documentText(document: unknown): string {
  if (typeof document === 'string' || document instanceof String) return document.toString();
  if (typeof document === 'object' && document !== null && 'definitions' in document) {
    return printDocument(document as DocumentNode);
  }
  throw new TypeError(
    'A document is a text, or what the GraphQL code generator or gql`…` has made.',
  );
}
