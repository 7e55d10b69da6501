import { GraphQLError, type ASTVisitor, type ValidationContext } from 'graphql';

const maxNameLength = 256;

/** Refuses a name that is longer than 256 characters: an alias stands in front of each of its values. */
export function nameLimitRule(context: ValidationContext): ASTVisitor {
  let reported = false;
  return {
    Name({ value }) {
      if (reported || value.length <= maxNameLength) return;
      reported = true;
      context.reportError(
        new GraphQLError(
          `A name has ${value.length} characters; at most ${maxNameLength} are allowed.`,
          { extensions: { code: 'BAD_USER_INPUT' } },
        ),
      );
    },
  };
}
