import { GraphQLDateTime } from 'graphql-scalars';
import type { Builder } from './builder.ts';

export function addDateTime(builder: Builder): void {
  builder.addScalarType('DateTime', GraphQLDateTime, {
    description:
      'A point in time in UTC with milliseconds (RFC 3339), for example `2026-03-02T07:00:37.979Z`.',
  });
}
