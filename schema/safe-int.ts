import { GraphQLSafeInt } from 'graphql-scalars';
import type { Builder } from './builder.ts';

export function addSafeInt(builder: Builder): void {
  builder.addScalarType('SafeInt', GraphQLSafeInt, {
    description: 'A whole number of at most 2^53 - 1, which every JSON number type can hold.',
  });
}
