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
  /** The maximum memory of all kept documents, in bytes. Default: 16 MiB. */
  readonly maxBytes?: number;
  /** Called each time a document is refused for its size. */
  readonly refused?: () => void;
  /** Called with an error of a rule or the parser that is not the document's fault. */
  readonly failed?: (error: unknown) => void;
}

/**
 * GraphiQL's introspection takes about 250 tokens. A document with more than this is an
 * attack on the parser.
 */
export const maxTokens = 2_000;
/** In characters. The limit on tokens is not enough: one token may be as long as the request. */
export const maxDocumentLength = 100_000;
/**
 * The maximum number of errors in one answer. The validator adds the last one, which
 * says that it has stopped.
 */
const maxErrors = 20;
const defaultMaxBytes = 16 * 1024 * 1024;
/** How many texts that came once are remembered. */
const maxSeenOnce = 1_000;
/** The memory of a kept document's errors, in bytes, at most. Measured. */
const bytesOfErrors = 16 * 1024;

/** Size is checked first: other rules compare each field with each other field. */
const sizeRules: readonly ValidationRule[] = [selectionLimitRule, nameLimitRule];
const validationRules: readonly ValidationRule[] = [
  ...specifiedRules,
  operationTypeRule,
  rootFieldRule,
];
/**
 * Checked after those: it requires that the fields exist, and it follows fragments,
 * which MUST have no cycles.
 */
const subscriptionRules: readonly ValidationRule[] = [messageDeviceRule];
/** Checked last: it follows fragments too, which MUST have no cycles. */
const amplificationRules: readonly ValidationRule[] = [aliasLimitRule];

/**
 * Parses and validates, and keeps a document that it has seen twice: a thousand clients
 * of one program send one text, and share one document and everything derived from it.
 * A text that comes only once would push out the others. The kept documents are limited
 * in bytes; the least recently used one is removed first.
 */
export function createDocumentCache(
  schema: GraphQLSchema,
  { maxBytes = defaultMaxBytes, refused, failed }: DocumentCacheOptions = {},
): CheckDocument {
  const kept = new Map<string, KeptDocument>();
  /** The hashes of texts that came once, in the order of arrival. */
  const seenOnce = new Set<string>();
  let keptBytes = 0;

  /** Whether the text has come before, as far as the cache remembers. */
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
      // Moved to the end: the first entry is then the least recently used one.
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

/**
 * Parses and validates one text. The error codes are those that other servers use for
 * the same errors: clients know them.
 */
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
 * A syntax error is the client's fault. So is an error that a rule throws (graphql-js
 * throws for a variable in `@skip` of a subscription's root field), and so is a stack
 * overflow. Any other error is a fault of the gateway.
 */
function asFault(error: unknown, failed: DocumentCacheOptions['failed']): GraphQLError {
  if (error instanceof GraphQLError) return error;
  if (error instanceof RangeError) return new GraphQLError('The document is nested too deeply.');
  failed?.(error);
  return new GraphQLError('Unexpected error.', { extensions: { code: 'INTERNAL_SERVER_ERROR' } });
}

/**
 * The range of a node in the text, for the `locations` of errors. The parser's own
 * `Location` keeps the list of all tokens in memory, which takes four times as much as
 * the document.
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

  /** The part of the token that graphql-jit reads. */
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

/** The error as the client gets it, without a reference to the document. */
function withoutNodes(error: GraphQLError): GraphQLError {
  const { message, nodes, positions, extensions } = error;
  const source = error.source ?? nodes?.[0]?.loc?.source;
  const told = new GraphQLError(message, {
    ...(source !== undefined && positions !== undefined && { source, positions }),
    extensions,
  });
  // The frames of its stack would keep the validator's objects in memory.
  told.stack = '';
  return told;
}
