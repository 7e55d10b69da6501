import type { Command } from 'commander';
import { addOptions, type Flags } from './option.ts';
import { statsOptions } from './stats-options.ts';

const examples = `
Examples:
  sluice stats
  sluice stats --watch --json | jq --unbuffered .messagesDropped`;

export function addStats(program: Command): void {
  const command = program
    .command('stats')
    .description(
      'Print what a gateway does: a table on a terminal, otherwise a JSON object. Counters run since its start.',
    )
    .option(
      '--watch',
      'go on: a table in place with rates, or one JSON object a line (default: off)',
    )
    .option('--json', 'JSON also on a terminal (default: off)');
  addOptions(command, statsOptions)
    .showHelpAfterError('Run "sluice stats --help" to see the options.')
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      const { stats } = await import('./stats.ts');
      await stats(flags);
    });
}
