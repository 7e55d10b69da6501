import type { GraphQLError } from 'graphql';

/**
 * Sets the stable code of an error that graphql-js has just created. An error that
 * already has a code keeps it.
 */
export function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions['code'] ??= code;
  return error;
}
