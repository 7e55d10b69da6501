import {
  executeSync,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import type { DeviceMessage, Gap } from '../kernel/device-message.ts';
import { compileSelection, type Execute } from './compiled-selection.ts';
import { publicResult } from './public-error.ts';
import { SharedRendering, type Rendering, type RenderingMemory, type Wire } from './rendering.ts';
import { resultText } from './result-text.ts';
import type { SelectionPart } from './selection-shape.ts';

/**
 * How many messages graphql-js executes before a selection is worth compiling, which
 * takes some milliseconds.
 */
const compileAfter = 32;

/** What all selections of a gateway have in common. */
export interface SelectionServices {
  readonly schema: GraphQLSchema;
  readonly memory: RenderingMemory;
  /**
   * Whether this turn of the event loop has time to compile a selection. When it
   * returns true, the selection is compiled.
   */
  readonly mayCompile: () => boolean;
  /** Converts an error into what a client may see of it. */
  readonly hide: (error: GraphQLError) => GraphQLError;
}

/**
 * What subscribers select of each event. A result depends on the event and on the
 * selection and not on the subscriber, so all subscribers with the same selection share
 * one of these objects, and with it the bytes of every message.
 */
export class Selection {
  readonly #services: SelectionServices;
  readonly #part: SelectionPart;
  readonly #renderings = new Map<Wire, SharedRendering>();
  /**
   * Whether `gap` is selected. Without it, a message is the same for all subscribers,
   * whether they missed something or not.
   */
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

  /**
   * The text of the execution result of a shared event: made once for subscribers that
   * request it one after the other.
   */
  sharedText(event: unknown): string {
    if (event !== this.#lastEvent) {
      this.#lastText = this.#textOf(event);
      this.#lastEvent = event;
    }
    return this.#lastText;
  }

  /** The rendering of this selection for one kind of connection. */
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

  /** Called when nobody uses the selection any more: releases what it keeps. */
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
      // The event of a subscription is the root value. There is no context: a result that depended
      // on the caller could not be shared.
      rootValue: event,
    });
  }
}

/** Whether the document contains a field of this name. */
function selects(document: DocumentNode, name: string): boolean {
  let found = false;
  visit(document, {
    Field(node) {
      if (node.name.value === name) found = true;
    },
  });
  return found;
}
