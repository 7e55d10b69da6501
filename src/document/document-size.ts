import { visit, type DocumentNode } from 'graphql';

/** The memory of one node with its range in the text, in bytes. Measured. */
const bytesOfNode = 200;

/** An estimate of the memory that a document takes, in bytes. */
export function documentBytes(document: DocumentNode): number {
  let nodes = 0;
  visit(document, {
    enter() {
      nodes += 1;
    },
  });
  return nodes * bytesOfNode;
}
