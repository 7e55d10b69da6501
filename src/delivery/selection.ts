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

/** So many messages are executed by graphql-js before a selection is worth compiling (some milliseconds). */
const compileAfter = 32;

/** What all selections of a gateway have in common. */
export interface SelectionServices {
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
