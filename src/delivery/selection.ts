import {
  executeSync,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import type { DeviceMessage, Gap } from '../device-message.ts';
import type { Delivery } from '../broker/subscription.ts';
import { compileSelection, type Execute } from './compiled-selection.ts';
import { SharedRendering, type Rendering, type Wire } from './rendering.ts';
import { resultText } from './result-text.ts';
import { selectionKey } from './selection-key.ts';

export interface SelectionRequest {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** So many messages are executed by graphql-js before a selection is worth compiling (some milliseconds). */
const compileAfter = 32;

/**
 * What subscribers ask of each message. A result depends on the message and on
 * the selection and not on who asked, so all subscribers of one selection share
 * one of these, and with it the bytes of every message.
 */
export class Selection {
  readonly #schema: GraphQLSchema;
  readonly #request: SelectionRequest;
  readonly #renderings = new Map<Wire, Rendering>();
  /** Whether `gap` is selected; without it a message is the same to whoever missed something and to all others. */
  readonly #tellsGaps: boolean;
  #execute: Execute;
  #executed = 0;

  constructor(schema: GraphQLSchema, request: SelectionRequest) {
    this.#schema = schema;
    this.#request = request;
    this.#tellsGaps = selects(request.document, 'gap');
    this.#execute = (message) => this.#interpret(message);
  }

  /** The text of the execution result of one message. */
  text(message: DeviceMessage, gap: Gap | null): string {
    this.#executed += 1;
    if (this.#executed === compileAfter) {
      this.#execute = compileSelection(this.#schema, this.#request) ?? this.#execute;
    }
    const delivery: Delivery = gap === null ? message : { ...message, gap };
    return resultText(this.#execute(delivery));
  }

  /** Its rendering for one kind of connection. */
  rendering(wire: Wire): Rendering {
    let rendering = this.#renderings.get(wire);
    if (rendering === undefined) {
      rendering = new SharedRendering(
        (message, gap) => wire.encode(this.text(message, gap), message),
        this.#tellsGaps,
      );
      this.#renderings.set(wire, rendering);
    }
    return rendering;
  }

  #interpret(message: Delivery): ExecutionResult {
    const { document, operationName, variables } = this.#request;
    return executeSync({
      schema: this.#schema,
      document,
      operationName: operationName ?? null,
      variableValues: variables ?? null,
      // The event of a subscription stands in the place of the root value. No
      // context: a result that depended on who asked could not be shared.
      rootValue: message,
    });
  }
}

export interface Selections {
  /** How many are in use. */
  readonly size: number;
  /** The selection of an operation: the same object for all whose results are the same. To be released. */
  acquire(request: SelectionRequest): Selection;
  release(selection: Selection): void;
}

export function createSelections(schema: GraphQLSchema): Selections {
  const byKey = new Map<string, { selection: Selection; users: number }>();
  const keys = new Map<Selection, string>();
  return {
    get size() {
      return byKey.size;
    },
    acquire(request) {
      const key = selectionKey(request.document, request.operationName, request.variables);
      const known = byKey.get(key);
      if (known !== undefined) {
        known.users += 1;
        return known.selection;
      }
      const selection = new Selection(schema, request);
      byKey.set(key, { selection, users: 1 });
      keys.set(selection, key);
      return selection;
    },
    release(selection) {
      const key = keys.get(selection);
      const entry = key === undefined ? undefined : byKey.get(key);
      if (key === undefined || entry === undefined) return;
      entry.users -= 1;
      if (entry.users > 0) return;
      byKey.delete(key);
      keys.delete(selection);
    },
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
