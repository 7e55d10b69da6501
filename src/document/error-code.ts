import type { GraphQLError } from 'graphql';

/** Gives an error that graphql-js has just made its stable code. One that names its own keeps it. */
export function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions['code'] ??= code;
  return error;
}
