import {
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import { withCode } from './error-code.ts';
import { operationTypeRule } from './operation-type-rule.ts';
import { rootFieldRule } from './root-field-rule.ts';
import { selectionLimitRule } from './selection-limit-rule.ts';

export type CheckedDocument =
  | { readonly ok: true; readonly document: DocumentNode }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

/** Validates a document's text. */
export type CheckDocument = (text: string) => CheckedDocument;

/** GraphiQL's introspection takes about 250 tokens; what takes more than this is an attack on the parser. */
export const maxTokens = 5_000;
/**
 * In characters. One token may be as long as the request, and an operation keeps
 * the text of its document for as long as it lasts.
 */
export const maxDocumentLength = 100_000;
const maxDocuments = 1_000;
/** In characters; a longer document is checked each time rather than kept. */
const maxKeptLength = 20_000;

const validationRules = [...specifiedRules, operationTypeRule, rootFieldRule];

/**
 * Parses and validates, and keeps what it has seen: a thousand clients of one
 * program send one text, and share one document (about 20 KiB) and what is
 * derived from it.
 */
export function createDocumentCache(schema: GraphQLSchema): CheckDocument {
  const kept = new Map<string, CheckedDocument>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) {
      // To the end: the first one is then the one not used for longest.
      kept.delete(text);
      kept.set(text, known);
      return known;
    }
    const checked = check(schema, text);
    if (text.length <= maxKeptLength) {
      kept.set(text, checked);
      if (kept.size > maxDocuments) kept.delete(kept.keys().next().value!);
    }
    return checked;
  };
}

/** The codes are those that other servers have for the same: clients know them. */
function check(schema: GraphQLSchema, text: string): CheckedDocument {
  if (text.length > maxDocumentLength) return { ok: false, errors: [tooLong(text)] };
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens });
  } catch (error) {
    return { ok: false, errors: [withCode(asFault(error), 'GRAPHQL_PARSE_FAILED')] };
  }
  const errors = faultsOf(schema, document);
  if (errors.length === 0) return { ok: true, document };
  return { ok: false, errors: errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) };
}

function tooLong({ length }: string): GraphQLError {
  return new GraphQLError(
    `The document has ${length} characters; at most ${maxDocumentLength} are allowed.`,
    { extensions: { code: 'BAD_USER_INPUT' } },
  );
}

function faultsOf(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  try {
    // First the size alone: one of the other rules compares each field with each.
    const tooLarge = validate(schema, document, [selectionLimitRule]);
    return tooLarge.length > 0 ? tooLarge : validate(schema, document, validationRules);
  } catch (error) {
    return [asFault(error)];
  }
}

/**
 * A syntax error is the client's, and so is what a rule throws (graphql-js does
 * for a variable in `@skip` of a subscription's root field). Anything else (a
 * stack overflow) is told as one.
 */
function asFault(error: unknown): GraphQLError {
  return error instanceof GraphQLError
    ? error
    : new GraphQLError('The document is too deep to be read.');
}
