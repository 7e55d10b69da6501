import {
  executeSync,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import { limitExceeded } from '../../schema/errors.ts';
import type { Holder } from '../admission/holder.ts';
import type { DeviceMessage, Gap } from '../device-message.ts';
import { compileSelection, type Execute } from './compiled-selection.ts';
import { publicResult } from './public-error.ts';
import { RenderingMemory, SharedRendering, type Rendering, type Wire } from './rendering.ts';
import { keepFieldNames, resultText } from './result-text.ts';
import { selectionOf, type SelectionPart, type SelectionRequest } from './selection-shape.ts';

/** So many messages are executed by graphql-js before a selection is worth compiling (some milliseconds). */
const compileAfter = 32;

/** What all selections of a gateway have in common. */
interface SelectionServices {
  readonly schema: GraphQLSchema;
  readonly memory: RenderingMemory;
  /** Whether this turn of the event loop has time to compile one. Asked once for each that is then compiled. */
  readonly mayCompile: () => boolean;
  /** What a client may see of an error. */
  readonly hide: (error: GraphQLError) => GraphQLError;
}

/**
 * What subscribers ask of each event. A result depends on the event and on
 * the selection and not on who asked, so all subscribers of one selection share
 * one of these, and with it the bytes of every message.
 */
export class Selection {
  readonly #services: SelectionServices;
  readonly #part: SelectionPart;
  readonly #renderings = new Map<Wire, SharedRendering>();
  /** Whether `gap` is selected; without it a message is the same to whoever missed something and to all others. */
  readonly #tellsGaps: boolean;
  #execute: Execute;
  #executed = 0;
  #compiled = false;
  #lastEvent: unknown;
  #lastText = '';

  constructor(services: SelectionServices, part: SelectionPart) {
    this.#services = services;
    this.#part = part;
    this.#tellsGaps = selects(part.document, 'gap');
    this.#execute = (event) => this.#interpret(event);
  }

  /** The text of the execution result of one message. */
  text(message: DeviceMessage, gap: Gap | null): string {
    return this.#textOf(gap === null ? message : { ...message, gap });
  }

  /** The text of the execution result of an event that is the same for all: made once for those who ask one after the other. */
  sharedText(event: unknown): string {
    if (event !== this.#lastEvent) {
      this.#lastText = this.#textOf(event);
      this.#lastEvent = event;
    }
    return this.#lastText;
  }

  /** Its rendering for one kind of connection. */
  rendering(wire: Wire): Rendering {
    let rendering = this.#renderings.get(wire);
    if (rendering === undefined) {
      rendering = new SharedRendering(
        (message, gap) => wire.encode(this.text(message, gap), message),
        { memory: this.#services.memory, tellsGaps: this.#tellsGaps },
      );
      this.#renderings.set(wire, rendering);
    }
    return rendering;
  }

  /** Nobody uses it any more: it keeps nothing. */
  forget(): void {
    for (const rendering of this.#renderings.values()) rendering.forget();
  }

  #textOf(event: unknown): string {
    this.#executed += 1;
    if (!this.#compiled && this.#executed >= compileAfter && this.#services.mayCompile()) {
      this.#compiled = true;
      this.#execute = compileSelection(this.#services.schema, this.#part) ?? this.#execute;
    }
    const result = this.#execute(event);
    return resultText(
      result.errors === undefined ? result : publicResult(result, this.#services.hide),
    );
  }

  #interpret(event: unknown): ExecutionResult {
    const { document, variables } = this.#part;
    return executeSync({
      schema: this.#services.schema,
      document,
      variableValues: variables ?? null,
      // The event of a subscription stands in the place of the root value. No
      // context: a result that depended on who asked could not be shared.
      rootValue: event,
    });
  }
}

export interface Selections {
  /** How many are in use. */
  readonly size: number;
  /**
   * The selection of an operation: the same object for all whose results are the
   * same. To be released by the same holder. An error where the holder has as many
   * distinct ones as a connection may have, or holds most of those that all share.
   */
  acquire(request: SelectionRequest, holder: Holder): Selection | GraphQLError;
  release(selection: Selection, holder: Holder): void;
}

export interface SelectionsOptions {
  /** Distinct selections of all connections. Default: no bound. */
  readonly maxSelections?: number;
  /** Distinct selections of one connection. Default: no bound. */
  readonly maxPerConnection?: number;
  /** Default: a memory of its own. */
  readonly memory?: RenderingMemory;
  /** Told of each connection that is refused, or ended, for its selections. Default: nobody. */
  readonly refused?: (holder: Holder, selections: number) => void;
  /** What a client may see of an error in a result. Default: all of it. */
  readonly hide?: SelectionServices['hide'];
}

/** A selection, and how many subscriptions use it. */
interface InUse {
  readonly selection: Selection;
  users: number;
}

export function createSelections(
  schema: GraphQLSchema,
  {
    maxSelections = Number.POSITIVE_INFINITY,
    maxPerConnection = Number.POSITIVE_INFINITY,
    memory = new RenderingMemory(),
    refused = () => {},
    hide = (error) => error,
  }: SelectionsOptions = {},
): Selections {
  keepFieldNames(schema);
  const byKey = new Map<string, InUse>();
  const keys = new Map<Selection, string>();
  /** Arrays, since most connections have one. */
  const byHolder = new Map<Holder, InUse[]>();
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

  /** Makes room for one more selection by ending the connections that account for most; false when that is the one who asks. */
  function makeRoom(asking: Holder): boolean {
    while (byKey.size >= maxSelections) {
      let largest = asking;
      let most = partOf(asking);
      for (const holder of byHolder.keys()) {
        const part = partOf(holder);
        if (part > most) {
          largest = holder;
          most = part;
        }
      }
      if (largest === asking) return false;
      refused(largest, byHolder.get(largest)?.length ?? 0);
      largest.terminate();
      // It gives its selections back when it has ended; what others use as well stays.
      forget(largest);
    }
    return true;
  }

  /** How many selections a connection accounts for: of one that others use as well, its share. What many use costs least. */
  function partOf(holder: Holder): number {
    let part = 0;
    for (const { selection, users } of byHolder.get(holder) ?? []) {
      part += users / byKey.get(keys.get(selection)!)!.users;
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
    // It was ended for what it held.
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
    selection.forget();
  }

  function find(part: SelectionPart): InUse {
    const known = byKey.get(part.key);
    if (known !== undefined) return known;
    const selection = new Selection(services, part);
    const inUse: InUse = { selection, users: 0 };
    byKey.set(part.key, inUse);
    keys.set(selection, part.key);
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
      if (known === undefined && byKey.size >= maxSelections && !makeRoom(holder)) {
        refused(holder, held?.length ?? 0);
        return limitExceeded(
          `As many distinct selections are in use as there may be (${maxSelections}): try again later, or ask for the fields that others ask for.`,
        );
      }
      const inUse = find(part);
      inUse.users += 1;
      if (ofHolder !== undefined) ofHolder.users += 1;
      else {
        const own: InUse = { selection: inUse.selection, users: 1 };
        if (held === undefined) byHolder.set(holder, [own]);
        else held.push(own);
      }
      return inUse.selection;
    },
    release,
  };
}

/** Whether a field of this name stands anywhere in the document. */
function selects(document: DocumentNode, name: string): boolean {
  let found = false;
  visit(document, {
    Field(node) {
      if (node.name.value === name) found = true;
    },
  });
  return found;
}
