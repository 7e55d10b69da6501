import type { GraphQLError } from 'graphql';
import type { Wire } from '../../delivery/rendering.ts';
import type { Transport } from '../../kernel/caller.ts';
import type { Exchange } from '../http/endpoint.ts';
import type { StreamForm } from './response-stream.ts';

/** How one operation is written to its stream. */
export interface OperationForm {
  /** Encodes the result of a message; the head comes before it. */
  readonly wire: Wire;
  /**
   * Encodes the result of a message in an event with an id, for a stream with one
   * device. Without it, the stream has no ids.
   */
  readonly wireOfOneDevice?: Wire;
  /** The bytes before each message that only this operation has. */
  head(): Buffer;
  /** Encodes a result that is only for this client. */
  next(result: string): string;
  /** Reports that an error has ended the operation; `complete` follows. */
  failed(error: GraphQLError): string;
  readonly complete: string;
}

/** A kind of stream that carries one operation. */
export interface OperationStreamKind extends OperationForm {
  readonly transport: Transport;
  readonly form: StreamForm;
  /** Answers an invalid operation. Without it, the errors are sent in a stream, as its only result. */
  refuse?(exchange: Exchange, errors: readonly GraphQLError[]): void;
}
