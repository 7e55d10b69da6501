import { parse, stripIgnoredCharacters, visit, type DocumentNode } from 'graphql';
import { describe, expect, it } from 'vitest';
import { documentText } from '../../client/document.ts';
import * as generated from '../../client/generated/graphql.ts';

/** All that may stand in a document that is executed. */
const everything = `
query All($ids: [ID!]! = ["a", "b"], $in: In = { n: 1, deep: { list: [1.5e3, null, true] } } @d, $x: [[Int]!]) @op(a: "x") {
  alias: field(s: "quote \\" back \\\\ line \\n tab \\t \\u00e9 🛰", e: VALUE, v: $ids, o: {}, l: []) @skip(if: false) @include(if: $x) {
    ... on Type @on { id }
    ...Rest @spread(n: -1)
    ... { b(text: """
      a block "of" text
        indented
    """) }
    ... @include(if: true) { c }
  }
}
fragment Rest on Type @f { id }
mutation M { change }
subscription S { follow }
{ short: hand }
`;

/** A block of text and one in quotes are the same value; where a node stood says nothing. */
function meaning(document: DocumentNode): string {
  return JSON.stringify(
    visit(document, { StringValue: (node) => ({ ...node, block: false }) }),
    (key, value: unknown) => {
      if (key === 'loc') return undefined;
      // A parser leaves out what a builder of documents may spell as nothing.
      return Array.isArray(value) && value.length === 0 ? undefined : value;
    },
  );
}

describe('documentText', () => {
  it('prints what parses to the same', () => {
    const document = parse(everything);
    expect(meaning(parse(documentText(document)))).toBe(meaning(document));
  });

  it('prints each generated document', () => {
    const documents = Object.values(generated) as unknown as DocumentNode[];
    expect(documents.length).toBeGreaterThan(4);
    for (const document of documents) {
      expect(meaning(parse(documentText(document)))).toBe(meaning(document));
    }
  });

  it('takes a text as it is, and what extends String', () => {
    class TypedDocumentString extends String {}
    expect(documentText('{ a }')).toBe('{ a }');
    expect(documentText(new TypedDocumentString('{ a }'))).toBe('{ a }');
    expect(stripIgnoredCharacters(documentText(parse('{ a }')))).toBe('query{a}');
  });

  it('refuses what is no document', () => {
    for (const wrong of [undefined, null, 1, {}, []]) {
      expect(() => documentText(wrong)).toThrow('A document is a text');
    }
    expect(() => documentText(parse('type T { a: Int }'))).toThrow('has no ObjectTypeDefinition');
  });
});
