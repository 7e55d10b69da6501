import {
  Kind,
  type FieldNode,
  type GraphQLError,
  type GraphQLResolveInfo,
  type SelectionSetNode,
} from 'graphql';
import { limitExceeded } from './errors.ts';

/**
 * How many values one operation may still resolve. Lists make an answer large, so their
 * resolvers ask before their items are resolved. Once the budget is exceeded, every
 * list is empty and nothing throws: one error for each of thousands of fields would
 * cost more than the fields. A single error is then the whole answer.
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

  /** The error that ends the operation; undefined while the budget is not exceeded. */
  get overrun(): GraphQLError | undefined {
    return this.#overrun;
  }

  /** Whether this number of items, with the fields that are selected of each, may be resolved. */
  admits(items: number, info: GraphQLResolveInfo): boolean {
    return this.admitsValues(items * (1 + fieldsBelow(info)));
  }

  /**
   * Whether this number of values may be resolved, or read from an argument: one
   * variable may be used under every alias.
   */
  admitsValues(count: number): boolean {
    if (this.#overrun !== undefined) return false;
    this.#fieldsLeft -= count;
    if (this.#fieldsLeft >= 0) return true;
    return this.#end(
      `One answer may contain at most ${this.#maxFields} values: ask for fewer devices or fields, or for fewer messages of each device.`,
    );
  }

  /**
   * Whether the operation may ask for this number of positions: as many as the devices
   * it may name, under all its aliases together.
   */
  admitsPositions(count: number, atMost: number): boolean {
    if (this.#overrun !== undefined) return false;
    this.#positions += count;
    if (this.#positions <= atMost) return true;
    return this.#end(
      `currentPositions returns at most ${atMost} positions in one operation: ask for the others in another operation.`,
    );
  }

  #end(message: string): false {
    this.#overrun = limitExceeded(message);
    return false;
  }
}

/** The number of fields below a node. Documents are shared, so each node is counted once. */
const counted = new WeakMap<FieldNode, number>();

/** The number of fields that are selected of each item of a list; those of nested lists count once. */
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
