import type { GraphQLError } from 'graphql';
import type { Wire } from '../../delivery/rendering.ts';
import type { Transport } from '../../kernel/caller.ts';
import type { Exchange } from '../http/endpoint.ts';
import type { StreamForm } from './response-stream.ts';

/** How one operation is written to its stream. */
export interface OperationForm {
  /** What a message's result becomes, behind the head. */
  readonly wire: Wire;
  /** The same for events with an id, when the stream has one device. Without it, the stream has no ids. */
  readonly wireOfOneDevice?: Wire;
  /** What is the operation's own in front of each message. */
  head(): Buffer;
  /** A result for this client alone. */
  next(result: string): string;
  /** Says that an error has ended the operation; `complete` follows. */
  failed(error: GraphQLError): string;
  readonly complete: string;
}

/** A kind of stream that carries one operation. */
export interface OperationStreamKind extends OperationForm {
  readonly transport: Transport;
  readonly form: StreamForm;
  /** Answers an operation that is not valid. Without it, the errors come in a stream, as its one result. */
  refuse?(exchange: Exchange, errors: readonly GraphQLError[]): void;
}
