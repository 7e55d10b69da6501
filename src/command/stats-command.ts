import type { Command } from 'commander';
import * as kind from '../config/kind.ts';
import { gatewayOptions, gatewayTimeout } from './gateway-options.ts';
import { addOptions, option, type Flags } from './option.ts';

export const statsOptions = {
  intervalMs: option({
    kind: kind.integer({ min: 100, max: 3_600_000, placeholder: 'ms' }),
    description: 'with --watch, milliseconds from one to the next',
    default: 1_000,
  }),
  timeoutS: gatewayTimeout(10),
  ...gatewayOptions,
};

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
