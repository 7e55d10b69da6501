import { createHash } from 'node:crypto';
import {
  GraphQLError,
  Location,
  parse,
  specifiedRules,
  validate,
  visit,
  type DocumentNode,
  type GraphQLSchema,
  type Source,
  type ValidationRule,
} from 'graphql';
import { badUserInput } from '../../schema/errors.ts';
import { aliasLimitRule } from './alias-limit-rule.ts';
import { documentBytes } from './document-size.ts';
import { withCode } from './error-code.ts';
import { messageDeviceRule } from './message-device-rule.ts';
import { nameLimitRule } from './name-limit-rule.ts';
import { operationTypeRule } from './operation-type-rule.ts';
import { rootFieldRule } from './root-field-rule.ts';
import { selectionLimitRule } from './selection-limit-rule.ts';

export type CheckedDocument =
  | { readonly ok: true; readonly document: DocumentNode }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

/** Validates a document's text. */
export type CheckDocument = (text: string) => CheckedDocument;

export interface DocumentCacheOptions {
  /** The memory that kept documents may take together, in bytes. Default: 16 MiB. */
  readonly maxBytes?: number;
  /** Called each time for a document that is larger than it may be. */
  readonly refused?: () => void;
  /** Called with what a rule or the parser has thrown that is no fault of the document. */
  readonly failed?: (error: unknown) => void;
}

/** GraphiQL's introspection takes about 250 tokens; what takes more than this is an attack on the parser. */
export const maxTokens = 2_000;
/** In characters. One token may be as long as the request. */
export const maxDocumentLength = 100_000;
/** Of one answer. One more is the validator's own, which says that it has stopped. */
const maxErrors = 20;
const defaultMaxBytes = 16 * 1024 * 1024;
/** Texts that are remembered until they come a second time. */
const maxSeenOnce = 1_000;
/** What the errors of a kept document take, at most. Measured. */
const bytesOfErrors = 16 * 1024;

/** First the size alone: other rules compare each field with each. */
const sizeRules: readonly ValidationRule[] = [selectionLimitRule, nameLimitRule];
const validationRules: readonly ValidationRule[] = [
  ...specifiedRules,
  operationTypeRule,
  rootFieldRule,
];
/** After those, since it speaks of fields that there are, and follows fragments, which by then have no cycles. */
const subscriptionRules: readonly ValidationRule[] = [messageDeviceRule];
/** Last, since it follows fragments as well. */
const amplificationRules: readonly ValidationRule[] = [aliasLimitRule];

/**
 * Parses and validates, and keeps what it has seen twice: a thousand clients of
 * one program send one text, and share one document and what is derived from it.
 * A text that never comes again would only push out the others. What is kept has
 * a bound in bytes; the document not used for longest goes first.
 */
export function createDocumentCache(
  schema: GraphQLSchema,
  { maxBytes = defaultMaxBytes, refused, failed }: DocumentCacheOptions = {},
): CheckDocument {
  const kept = new Map<string, KeptDocument>();
  /** Of texts that came once, in the order in which they came. */
  const seenOnce = new Set<string>();
  let keptBytes = 0;

  /** Whether the text has come before, as far as that is remembered. */
  function comesAgain(text: string): boolean {
    const digest = createHash('sha256').update(text).digest('base64');
    if (seenOnce.delete(digest)) return true;
    seenOnce.add(digest);
    if (seenOnce.size > maxSeenOnce) seenOnce.delete(seenOnce.keys().next().value!);
    return false;
  }

  function keep(text: string, checked: CheckedDocument, tooLarge: boolean): void {
    const bytes = text.length * 2 + (checked.ok ? documentBytes(checked.document) : bytesOfErrors);
    if (bytes > maxBytes) return;
    kept.set(text, { checked, tooLarge, bytes });
    keptBytes += bytes;
    for (const [oldest, entry] of kept) {
      if (keptBytes <= maxBytes) break;
      kept.delete(oldest);
      keptBytes -= entry.bytes;
    }
  }

  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) {
      // To the end: the first one is then the one not used for longest.
      kept.delete(text);
      kept.set(text, known);
      if (known.tooLarge) refused?.();
      return known.checked;
    }
    const { errors, document, tooLarge } = examine(schema, text, failed);
    if (tooLarge) refused?.();
    const checked: CheckedDocument =
      document !== undefined && errors.length === 0
        ? { ok: true, document: withoutTokens(document) }
        : { ok: false, errors: errors.map(withoutNodes) };
    if (comesAgain(text)) keep(text, checked, tooLarge);
    return checked;
  };
}

interface KeptDocument {
  readonly checked: CheckedDocument;
  /** It is refused for its size. */
  readonly tooLarge: boolean;
  readonly bytes: number;
}

interface Examined {
  readonly document?: DocumentNode;
  readonly errors: readonly GraphQLError[];
  /** It is refused for its size. */
  readonly tooLarge: boolean;
}

/** The codes are those that other servers have for the same: clients know them. */
function examine(
  schema: GraphQLSchema,
  text: string,
  failed: DocumentCacheOptions['failed'],
): Examined {
  if (text.length > maxDocumentLength) return { errors: [tooLong(text)], tooLarge: true };
  const codeOf = (error: unknown, code: string): GraphQLError =>
    withCode(asFault(error, failed), code);
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens });
  } catch (error) {
    const tooLarge = error instanceof GraphQLError && error.message.includes('tokens');
    return { errors: [codeOf(error, 'GRAPHQL_PARSE_FAILED')], tooLarge };
  }
  for (const rules of [sizeRules, validationRules, subscriptionRules, amplificationRules]) {
    const tooLarge = rules === sizeRules || rules === amplificationRules;
    try {
      const errors = validate(schema, document, rules, { maxErrors: maxErrors - 1 });
      if (errors.length > 0) {
        return {
          errors: errors.map((each) => codeOf(each, 'GRAPHQL_VALIDATION_FAILED')),
          tooLarge,
        };
      }
    } catch (error) {
      return { errors: [codeOf(error, 'GRAPHQL_VALIDATION_FAILED')], tooLarge: false };
    }
  }
  return { document, errors: [], tooLarge: false };
}

function tooLong({ length }: string): GraphQLError {
  return badUserInput(
    `The document has ${length} characters; at most ${maxDocumentLength} are allowed.`,
  );
}

/**
 * A syntax error is the client's, and so is what a rule throws (graphql-js does
 * for a variable in `@skip` of a subscription's root field), and so is a stack
 * overflow. Anything else is a fault of ours.
 */
function asFault(error: unknown, failed: DocumentCacheOptions['failed']): GraphQLError {
  if (error instanceof GraphQLError) return error;
  if (error instanceof RangeError) return new GraphQLError('The document is too deep to be read.');
  failed?.(error);
  return new GraphQLError('Unexpected error.', { extensions: { code: 'INTERNAL_SERVER_ERROR' } });
}

/**
 * Where a node stands in the text, for the `locations` of errors. The parser's own
 * places lead through the list of all tokens, which takes four times the document.
 */
class TextRange {
  readonly start: number;
  readonly end: number;
  readonly source: Source;
  readonly #line: number;
  readonly #column: number;

  constructor({ start, end, source, startToken }: Location) {
    this.start = start;
    this.end = end;
    this.source = source;
    this.#line = startToken.line;
    this.#column = startToken.column;
  }

  /** As far as graphql-jit reads it. */
  get startToken(): { readonly line: number; readonly column: number } {
    return { line: this.#line, column: this.#column };
  }
}

function withoutTokens(document: DocumentNode): DocumentNode {
  visit(document, {
    enter(node: { loc?: unknown }) {
      if (node.loc instanceof Location) node.loc = new TextRange(node.loc);
    },
  });
  return document;
}

/** The error as it is told, without the document that it was found in. */
function withoutNodes(error: GraphQLError): GraphQLError {
  const { message, nodes, positions, extensions } = error;
  const source = error.source ?? nodes?.[0]?.loc?.source;
  const told = new GraphQLError(message, {
    ...(source !== undefined && positions !== undefined && { source, positions }),
    extensions,
  });
  // Through the frames of its stack it would keep what the validator held.
  told.stack = '';
  return told;
}
