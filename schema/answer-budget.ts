import {
  Kind,
  type FieldNode,
  type GraphQLError,
  type GraphQLResolveInfo,
  type SelectionSetNode,
} from 'graphql';
import { limitExceeded } from './errors.ts';

/**
 * How much one operation may still resolve. Lists are what makes an answer
 * large, so their resolvers ask before their items are resolved. From the first
 * time that it is too much, every list is empty and nothing throws: one error
 * for each of thousands of fields would cost more than the fields. That one
 * error is then the whole answer.
 */
export class AnswerBudget {
  readonly #maxFields: number;
  #fieldsLeft: number;
  #positions = 0;
  #overrun: GraphQLError | undefined;

  /** `maxFields`: how many values one operation may resolve. */
  constructor(maxFields: number) {
    this.#maxFields = maxFields;
    this.#fieldsLeft = maxFields;
  }

  /** What ends the operation; undefined while it has asked for no more than it may. */
  get overrun(): GraphQLError | undefined {
    return this.#overrun;
  }

  /** Whether so many items, with the fields that are selected of each, may be resolved. */
  admits(items: number, info: GraphQLResolveInfo): boolean {
    return this.admitsValues(items * (1 + fieldsBelow(info)));
  }

  /** Whether so many values may be resolved, or read where an argument holds them: one variable may stand under every alias. */
  admitsValues(count: number): boolean {
    if (this.#overrun !== undefined) return false;
    this.#fieldsLeft -= count;
    if (this.#fieldsLeft >= 0) return true;
    return this.#end(
      `One answer holds at most ${this.#maxFields} values: ask for fewer devices or fields, or for fewer messages of each device.`,
    );
  }

  /** Whether the operation may ask for so many positions: as many as it may name devices, under all its aliases together. */
  admitsPositions(count: number, atMost: number): boolean {
    if (this.#overrun !== undefined) return false;
    this.#positions += count;
    if (this.#positions <= atMost) return true;
    return this.#end(
      `currentPositions answers at most ${atMost} positions in one operation: ask for the others in another one.`,
    );
  }

  #end(message: string): false {
    this.#overrun = limitExceeded(message);
    return false;
  }
}

/** By the node of a field; documents are shared, so it is counted once. */
const counted = new WeakMap<FieldNode, number>();

/** The fields that are selected of each item of a list, those of nested lists once. */
function fieldsBelow({ fieldNodes, fragments }: GraphQLResolveInfo): number {
  function below({ selections }: SelectionSetNode): number {
    let fields = 0;
    for (const selection of selections) {
      switch (selection.kind) {
        case Kind.FIELD:
          fields += 1 + (selection.selectionSet === undefined ? 0 : below(selection.selectionSet));
          break;
        case Kind.INLINE_FRAGMENT:
          fields += below(selection.selectionSet);
          break;
        case Kind.FRAGMENT_SPREAD:
          fields += below(fragments[selection.name.value]!.selectionSet);
      }
    }
    return fields;
  }

  let fields = 0;
  for (const node of fieldNodes) {
    let ofNode = counted.get(node);
    if (ofNode === undefined) {
      ofNode = node.selectionSet === undefined ? 0 : below(node.selectionSet);
      counted.set(node, ofNode);
    }
    fields += ofNode;
  }
  return fields;
}
