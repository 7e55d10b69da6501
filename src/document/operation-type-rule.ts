import { GraphQLError, type ASTVisitor, type ValidationContext } from 'graphql';

/**
 * Refuses an operation of a type that the schema does not have. The standard
 * rules let a mutation pass that selects `__typename` alone, and graphql-js then
 * answers it with null.
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
