import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';
import './date-time.ts';
import './json.ts';
import './position.ts';
import './query.ts';
import './safe-int.ts';
import './subscription.ts';

/**
 * The executable contract. One instance for the whole process: everything that differs
 * between gateways is in the context.
 */
export const schema: GraphQLSchema = builder.toSchema();
