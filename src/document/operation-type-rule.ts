import { GraphQLError, type ASTVisitor, type ValidationContext } from 'graphql';

/**
 * Refuses an operation of a type that the schema does not have. The standard rules
 * accept a mutation that selects only `__typename`, and graphql-js then answers null.
 */
export function operationTypeRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      if (context.getSchema().getRootType(operation.operation) != null) return;
      context.reportError(
        new GraphQLError(`There is no ${operation.operation} in this schema.`, {
          nodes: operation,
        }),
      );
    },
  };
}
