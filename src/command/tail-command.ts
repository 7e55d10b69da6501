import type { Command } from 'commander';
import { addOptions, type Flags } from './option.ts';
import { tailOptions } from './tail-options.ts';

const examples = `
Examples:
  sluice tail --device-ids tracker-001,tracker-002 --replay 10
  sluice tail --device-ids tracker-001 --json | jq -c '[.receivedAt, .payload.speed]'`;

export function addTail(program: Command): void {
  const command = program
    .command('tail')
    .description(
      'Follow the messages of devices: lines with colours on a terminal, otherwise one JSON object a line. It reconnects by itself and goes on where it was.',
    )
    .option('--json', 'JSON also on a terminal (default: off)');
  addOptions(command, tailOptions)
    .showHelpAfterError('Run "sluice tail --help" to see the options.')
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      const { tail } = await import('./tail.ts');
      await tail(flags);
    });
}
