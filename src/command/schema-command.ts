import type { Command } from 'commander';

const examples = `
Examples:
  sluice schema > schema.graphql
  sluice schema --federation > sluice.graphql`;

export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('Print the GraphQL schema in its definition language. It needs no gateway.')
    .option('--federation', 'as a subgraph of Apollo Federation 2, for composition (default: off)')
    .showHelpAfterError('Run "sluice schema --help" to see the options.')
    .addHelpText('after', examples)
    .action(async ({ federation = false }: { federation?: boolean }) => {
      const { printGatewaySchema } = await import('./schema.ts');
      await printGatewaySchema(federation);
    });
}
