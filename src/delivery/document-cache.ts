import {
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import { rootFieldRule } from './root-field-rule.ts';
import { selectionLimitRule } from './selection-limit-rule.ts';

export type CheckedDocument =
  | { readonly ok: true; readonly document: DocumentNode }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

/** Validates a document's text. */
export type CheckDocument = (text: string) => CheckedDocument;

/** GraphiQL's introspection takes about 250 tokens; what takes more than this is an attack on the parser. */
export const maxTokens = 5_000;
const maxDocuments = 1_000;
/** In characters; a longer document is checked each time rather than kept. */
const maxKeptLength = 20_000;

const validationRules = [...specifiedRules, rootFieldRule];

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

function check(schema: GraphQLSchema, text: string): CheckedDocument {
  try {
    const document = parse(text, { maxTokens });
    // First the size alone: one of the other rules compares each field with each.
    const tooLarge = validate(schema, document, [selectionLimitRule]);
    const errors = tooLarge.length > 0 ? tooLarge : validate(schema, document, validationRules);
    return errors.length === 0 ? { ok: true, document } : { ok: false, errors };
  } catch (error) {
    // A syntax error is the client's, and so is what a rule throws (graphql-js
    // does for a variable in `@skip` of a subscription's root field). Anything
    // else (a stack overflow) is told as one.
    return {
      ok: false,
      errors: [
        error instanceof GraphQLError
          ? error
          : new GraphQLError('The document is too deep to be read.'),
      ],
    };
  }
}
