/** Why a query or a subscription failed, or a client closed. */
export class SluiceError extends Error {
  /**
   * What a program goes by. The gateway's own (`extensions.code`): `BAD_USER_INPUT`,
   * `GRAPHQL_VALIDATION_FAILED`, `UNAUTHENTICATED`, `FORBIDDEN`, `LIMIT_EXCEEDED` …,
   * or of the way to it: `CONNECTION_FAILED`, `CONNECTION_REFUSED`, `ABORTED`, `CLIENT_CLOSED`.
   */
  readonly code: string;
  /** All errors that the gateway gave, where it gave any. */
  readonly errors: readonly GraphqlError[];

  constructor(
    code: string,
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
