import type { GraphQLError, GraphQLSchema } from 'graphql';
import { limitExceeded } from '../../schema/errors.ts';
import type { Holder } from '../bounds/holder.ts';
import { documentBytes } from '../document/document-size.ts';
import { RenderingMemory } from './rendering.ts';
import { keepFieldNames } from './result-text.ts';
import { Selection, type SelectionServices } from './selection.ts';
import { selectionOf, type SelectionPart, type SelectionRequest } from './selection-shape.ts';

/** The selections that are in use. */
export interface Selections {
  /** How many selections are in use. */
  readonly size: number;
  /**
   * The selection of an operation: the same object for all operations with the same
   * results. The same holder MUST release it. Returns an error when the holder has as
   * many distinct selections as one connection may have, or holds most of those that
   * all connections share.
   */
  acquire(request: SelectionRequest, holder: Holder): Selection | GraphQLError;
  release(selection: Selection, holder: Holder): void;
}

export interface SelectionsOptions {
  /** The maximum of distinct selections of all connections. Default: no limit. */
  readonly maxSelections?: number;
  /** The maximum of distinct selections of one connection. Default: no limit. */
  readonly maxPerConnection?: number;
  /** The maximum memory of all selections together, in bytes. Default: 32 MiB. */
  readonly maxBytes?: number;
  /** The shared memory of kept renderings. Default: separate memory. */
  readonly memory?: RenderingMemory;
  /**
   * Called for each connection that is refused or ended because of its selections.
   * Default: nothing is called.
   */
  readonly refused?: (holder: Holder, selections: number) => void;
  /** Converts an error in a result into what a client may see of it. Default: the whole error. */
  readonly hide?: SelectionServices['hide'];
}

/** A selection, and how many subscriptions use it. */
interface InUse {
  readonly selection: Selection;
  /** The memory of the selection, in bytes. */
  readonly bytes: number;
  users: number;
}

const defaultMaxBytes = 32 * 1024 * 1024;

export function createSelections(
  schema: GraphQLSchema,
  {
    maxSelections = Number.POSITIVE_INFINITY,
    maxPerConnection = Number.POSITIVE_INFINITY,
    maxBytes = defaultMaxBytes,
    memory = new RenderingMemory(),
    refused = () => {},
    hide = (error) => error,
  }: SelectionsOptions = {},
): Selections {
  keepFieldNames(schema);
  const byKey = new Map<string, InUse>();
  const keys = new Map<Selection, string>();
  /** Arrays, because most connections have only one selection. */
  const byHolder = new Map<Holder, InUse[]>();
  let heldBytes = 0;
  let compiledInThisTurn = false;

  const services: SelectionServices = {
    schema,
    memory,
    hide,
    mayCompile() {
      if (compiledInThisTurn) return false;
      compiledInThisTurn = true;
      setImmediate(() => {
        compiledInThisTurn = false;
      });
      return true;
    },
  };

  function hasRoom(bytes: number): boolean {
    return byKey.size < maxSelections && heldBytes + bytes <= maxBytes;
  }

  /**
   * Makes room for one more selection by ending the connections that account for most;
   * false when the asking connection is one of them.
   */
  function makeRoom(asking: Holder, bytes: number): boolean {
    while (!hasRoom(bytes)) {
      const weigh = byKey.size >= maxSelections ? one : bytesOf;
      let largest = asking;
      let most = partOf(asking, weigh);
      for (const holder of byHolder.keys()) {
        const part = partOf(holder, weigh);
        if (part > most) {
          largest = holder;
          most = part;
        }
      }
      if (largest === asking) return false;
      refused(largest, byHolder.get(largest)?.length ?? 0);
      largest.terminate();
      // An ended connection releases its selections; those that others also use stay.
      forget(largest);
    }
    return true;
  }

  /**
   * The cost of a connection: for a selection that others also use, only its share. A
   * selection with many users costs each of them little.
   */
  function partOf(holder: Holder, weigh: (selection: InUse) => number): number {
    let part = 0;
    for (const { selection, users } of byHolder.get(holder) ?? []) {
      const ofAll = byKey.get(keys.get(selection)!)!;
      part += (weigh(ofAll) * users) / ofAll.users;
    }
    return part;
  }

  function forget(holder: Holder): void {
    for (const { selection, users } of byHolder.get(holder)?.slice() ?? []) {
      for (let i = 0; i < users; i += 1) release(selection, holder);
    }
  }

  function release(selection: Selection, holder: Holder): void {
    const held = byHolder.get(holder);
    const ofHolder = held?.find((each) => each.selection === selection);
    // The connection was ended because of what it held.
    if (held === undefined || ofHolder === undefined) return;
    ofHolder.users -= 1;
    if (ofHolder.users === 0) {
      if (held.length === 1) byHolder.delete(holder);
      else held.splice(held.indexOf(ofHolder), 1);
    }
    const key = keys.get(selection)!;
    const ofAll = byKey.get(key)!;
    ofAll.users -= 1;
    if (ofAll.users > 0) return;
    byKey.delete(key);
    keys.delete(selection);
    heldBytes -= ofAll.bytes;
    selection.forget();
  }

  function create(part: SelectionPart, bytes: number): InUse {
    const selection = new Selection(services, part);
    const inUse: InUse = { selection, bytes, users: 0 };
    byKey.set(part.key, inUse);
    keys.set(selection, part.key);
    heldBytes += bytes;
    return inUse;
  }

  return {
    get size() {
      return byKey.size;
    },
    acquire(request, holder) {
      const part = selectionOf(schema, request);
      const held = byHolder.get(holder);
      const known = byKey.get(part.key);
      const ofHolder = held?.find(({ selection }) => selection === known?.selection);
      if (ofHolder === undefined && held !== undefined && held.length >= maxPerConnection) {
        refused(holder, held.length);
        return limitExceeded(
          `One connection uses at most ${maxPerConnection} distinct selections at a time: ask for the same fields in its subscriptions.`,
        );
      }
      const bytes =
        known === undefined ? documentBytes(part.document) + part.key.length * 2 : known.bytes;
      if (known === undefined && !makeRoom(holder, bytes)) {
        refused(holder, held?.length ?? 0);
        return limitExceeded(
          'As many distinct selections are in use as there may be: try again later, or ask for the fields that others ask for.',
        );
      }
      const inUse = known ?? create(part, bytes);
      inUse.users += 1;
      if (ofHolder !== undefined) ofHolder.users += 1;
      else {
        const own: InUse = { selection: inUse.selection, bytes, users: 1 };
        if (held === undefined) byHolder.set(holder, [own]);
        else held.push(own);
      }
      return inUse.selection;
    },
    release,
  };
}

function one(): number {
  return 1;
}

function bytesOf({ bytes }: InUse): number {
  return bytes;
}
