import { printSchema } from 'graphql';
import { subgraphSdl } from '../../schema/federation.ts';
import { createSchema } from '../../schema/schema.ts';
import { run } from './run.ts';

/** Prints the SDL, or that of the subgraph. */
export function printGatewaySchema(federation: boolean): Promise<void> {
  const schema = createSchema({ federation });
  return run(({ print }) => print(federation ? subgraphSdl(schema) : `${printSchema(schema)}\n`));
}
