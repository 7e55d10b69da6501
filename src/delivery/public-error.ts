import { GraphQLError, type ExecutionResult, type FormattedExecutionResult } from 'graphql';

/**
 * The part of an error that a client may see. Errors for clients (a GraphQLError, or an
 * error with a stable code) are passed on; for any other error the client only learns
 * that there was one, and the log has the details.
 */
export function publicError(error: unknown, log: (error: unknown) => void): GraphQLError {
  if (error instanceof GraphQLError) {
    const { originalError } = error;
    // A wrapper has the path in the document; the original decides what the client may see.
    if (originalError == null || originalError instanceof GraphQLError || hasCode(originalError)) {
      return error.path === undefined && originalError instanceof GraphQLError
        ? originalError
        : error;
    }
    log(originalError);
    return new GraphQLError('Unexpected error.', {
      ...(error.nodes !== undefined && { nodes: error.nodes }),
      ...(error.path !== undefined && { path: error.path }),
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
  }
  if (hasCode(error)) {
    return new GraphQLError(error.message, { originalError: error, extensions: error.extensions });
  }
  log(error);
  return new GraphQLError('Unexpected error.', { extensions: { code: 'INTERNAL_SERVER_ERROR' } });
}

/** A result, with the part of its errors that a client may see. */
export function publicResult(
  {
    data,
    errors,
    extensions,
  }: { [Member in keyof ExecutionResult]: ExecutionResult[Member] | undefined },
  hide: (error: GraphQLError) => GraphQLError,
): FormattedExecutionResult {
  return {
    ...(errors !== undefined && { errors: errors.map((error) => hide(error).toJSON()) }),
    ...(data !== undefined && { data }),
    ...(extensions !== undefined && { extensions }),
  };
}

function hasCode(error: unknown): error is Error & { extensions: { code: string } } {
  if (!(error instanceof Error) || !('extensions' in error)) return false;
  const { extensions } = error;
  return (
    typeof extensions === 'object' &&
    extensions !== null &&
    'code' in extensions &&
    typeof extensions.code === 'string'
  );
}
