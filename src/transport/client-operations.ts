import type { GraphQLError, GraphQLSchema } from 'graphql';
import { createOperationTurns } from '../bounds/operation-turns.ts';
import { createSharedBytes, type SharedBytes } from '../bounds/shared-bytes.ts';
import { answerTo } from '../delivery/answer.ts';
import { publicError } from '../delivery/public-error.ts';
import { RenderingMemory } from '../delivery/rendering.ts';
import { createSelections } from '../delivery/selections.ts';
import { createDocumentCache } from '../document/document-cache.ts';
import type { RefusalCounter, RefusalReason } from '../metrics/refusals.ts';
import type { Logger } from '../observe/logger.ts';
import type { TransportContext } from './transport-context.ts';

export interface ClientOperationsOptions {
  readonly schema: GraphQLSchema;
  readonly limits: {
    readonly maxSelections: number;
    readonly maxSelectionsPerConnection: number;
    readonly maxAnswerBytes: number;
    readonly maxIncomingBytes: number;
    readonly maxUnreadBytes: number;
  };
  readonly refusals: RefusalCounter;
  readonly logger: Logger;
}

/** Performs the operations of clients, and limits the resources that they share. */
export type ClientOperations = Pick<
  TransportContext,
  | 'schema'
  | 'check'
  | 'selections'
  | 'turns'
  | 'answer'
  | 'hide'
  | 'renderings'
  | 'incoming'
  | 'unread'
  | 'refusals'
>;

/** Every refusal is counted. A connection that is ended to make room for others is logged too. */
export function createClientOperations({
  schema,
  limits,
  refusals,
  logger,
}: ClientOperationsOptions): ClientOperations {
  const hide = (error: unknown): GraphQLError =>
    publicError(error, (err) => {
      logger.error({ event: 'operation.failed', err }, 'An operation failed');
    });
  const bytesOf = (maxBytes: number, reason: RefusalReason): SharedBytes =>
    createSharedBytes({
      maxBytes,
      refused({ caller: { who } }, bytes) {
        refusals.count(reason);
        logger.info(
          { event: 'connection.ended_for_others', who, bytes, reason },
          'A connection that holds most of what all share is ended',
        );
      },
    });
  const renderings = new RenderingMemory();
  return {
    schema,
    check: createDocumentCache(schema, {
      refused: () => refusals.count('DOCUMENT_SIZE'),
      failed: (err) =>
        logger.error({ event: 'document.failed', err }, 'A document could not be checked'),
    }),
    selections: createSelections(schema, {
      maxSelections: limits.maxSelections,
      maxPerConnection: limits.maxSelectionsPerConnection,
      memory: renderings,
      refused({ caller: { who } }, selections) {
        refusals.count('SELECTIONS');
        logger.info(
          { event: 'connection.ended_for_others', who, selections, reason: 'SELECTIONS' },
          'A connection that uses most of the selections is ended, or refused more',
        );
      },
      hide,
    }),
    turns: createOperationTurns(),
    answer: (result) =>
      answerTo(result, {
        hide,
        maxBytes: limits.maxAnswerBytes,
        refused: () => refusals.count('ANSWER_SIZE'),
      }),
    hide,
    renderings,
    incoming: bytesOf(limits.maxIncomingBytes, 'INCOMING_BYTES'),
    unread: bytesOf(limits.maxUnreadBytes, 'ANSWERS_IN_FLIGHT'),
    refusals,
  };
}
