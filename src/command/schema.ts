import { printSchema } from 'graphql';
import { federatedSchema } from '../../schema/federated-schema.ts';
import { schema } from '../../schema/schema.ts';
import { run } from './run.ts';

/** Prints the SDL, or that of the subgraph. */
export function printGatewaySchema(federation: boolean): Promise<void> {
  return run(({ print }) => print(federation ? federatedSchema().sdl : `${printSchema(schema)}\n`));
}
