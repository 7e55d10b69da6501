import { GraphQLJSON } from 'graphql-scalars';
import type { Builder } from './builder.ts';

export function addJson(builder: Builder): void {
  builder.addScalarType('JSON', GraphQLJSON, {
    description:
      'Any JSON value. A payload is delivered as the exact text that the device sent, so numbers keep all their digits. Where that matters, read it with a JSON parser that keeps them too.',
  });
}
