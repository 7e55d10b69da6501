import type { ASTVisitor, ValidationContext } from 'graphql';
import { badUserInput } from '../../schema/errors.ts';

const maxNameLength = 256;

/** Refuses a name that is longer than 256 characters: an alias is written before each of its values. */
export function nameLimitRule(context: ValidationContext): ASTVisitor {
  let reported = false;
  return {
    Name({ value }) {
      if (reported || value.length <= maxNameLength) return;
      reported = true;
      context.reportError(
        badUserInput(
          `A name has ${value.length} characters; at most ${maxNameLength} are allowed.`,
        ),
      );
    },
  };
}
