import { GraphQLJSON } from 'graphql-scalars';
import type { Builder } from './builder.ts';

export function addJson(builder: Builder): void {
  builder.addScalarType('JSON', GraphQLJSON, {
    description:
      'Any JSON value. A payload leaves with the very text in which the device sent it, so that numbers keep all their digits; read it with a JSON parser that keeps them too where that matters.',
  });
}
