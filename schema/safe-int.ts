import { GraphQLSafeInt } from 'graphql-scalars';
import { builder } from './builder.ts';

builder.addScalarType('SafeInt', GraphQLSafeInt, {
  description: 'A whole number of at most 2^53 - 1, which every JSON number type can hold.',
});
