import { GraphQLError } from 'graphql';
import { createSchema } from '../../schema/schema.ts';
import { createOperationTurns } from '../../src/bounds/operation-turns.ts';
import { answerTo } from '../../src/delivery/answer.ts';
import type { OperationServices } from '../../src/delivery/perform-operation.ts';
import { Selection } from '../../src/delivery/selection.ts';
import { createSelections } from '../../src/delivery/selections.ts';
import type { SelectionRequest } from '../../src/delivery/selection-shape.ts';
import { createRefusalCounter } from '../../src/metrics/refusals.ts';
import { createHolder } from './holder.ts';

const schema = createSchema();

/** What performs operations, without bounds and with nothing hidden of errors. */
export function operationServices(): OperationServices {
  const refusals = createRefusalCounter();
  return {
    schema,
    selections: createSelections(schema),
    turns: createOperationTurns(),
    refusals,
    answer: (result) =>
      answerTo(result, {
        hide: (error) => (error instanceof GraphQLError ? error : new GraphQLError(String(error))),
        maxBytes: 1_000_000,
        refused: () => refusals.count('ANSWER_SIZE'),
      }),
  };
}

/** A selection that nobody else uses. */
export function selectionFor(request: SelectionRequest): Selection {
  return granted(createSelections(schema).acquire(request, createHolder()));
}

export function granted(selection: Selection | GraphQLError): Selection {
  if (selection instanceof Selection) return selection;
  throw selection;
}
