/** Of the gateway (`extensions.code`). */
type GatewayErrorCode =
  | 'BAD_REQUEST'
  | 'BAD_USER_INPUT'
  | 'FORBIDDEN'
  | 'GRAPHQL_PARSE_FAILED'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'INTERNAL_SERVER_ERROR'
  | 'LIMIT_EXCEEDED'
  | 'OPERATION_RESOLUTION_FAILURE'
  | 'REQUEST_TOO_LARGE'
  | 'SHUTTING_DOWN'
  | 'SLOW_CONSUMER'
  | 'UNAUTHENTICATED';

/** Of the way to it. */
type ConnectionErrorCode = 'ABORTED' | 'CLIENT_CLOSED' | 'CONNECTION_FAILED' | 'CONNECTION_REFUSED';

/** The codes that are known, for the compiler to complete. A gateway in front of this one, or a newer one, may have others. */
export type SluiceErrorCode = GatewayErrorCode | ConnectionErrorCode | (string & {});

/** Why a query or a subscription failed, or a client closed. */
export class SluiceError extends Error {
  /** What a program goes by. */
  readonly code: SluiceErrorCode;
  /** All errors that the gateway gave, where it gave any. */
  readonly errors: readonly GraphqlError[];

  constructor(
    code: SluiceErrorCode,
    message: string,
    {
      errors = [],
      ...options
    }: ErrorOptions & { readonly errors?: readonly GraphqlError[] | undefined } = {},
  ) {
    super(message, options);
    this.name = 'SluiceError';
    this.code = code;
    this.errors = errors;
  }
}

/** An error as GraphQL has it. */
export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}
