import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';
import './date-time.ts';
import './json.ts';
import './position.ts';
import './query.ts';
import './safe-int.ts';
import './subscription.ts';

/** The contract, executable. One for the whole process: all that differs between gateways is in the context. */
export const schema: GraphQLSchema = builder.toSchema();
