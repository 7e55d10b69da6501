import type { Command } from 'commander';
import { addOptions, type Flags } from './option.ts';
import { simulateOptions } from './simulate-options.ts';

const examples = `
Examples:
  sluice simulate --devices 50 --rate 2
  sluice simulate --mqtt-url mqtt://broker.example --devices 1000 --rate 0.2 --duration-s 600`;

export function addSimulate(program: Command): void {
  const command = program
    .command('simulate')
    .description(
      'Publish what simulated vehicle trackers send to an MQTT broker, over one connection, until it is ended.',
    );
  addOptions(command, simulateOptions)
    .showHelpAfterError('Run "sluice simulate --help" to see the options.')
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      const { simulate } = await import('./simulate.ts');
      await simulate(flags);
    });
}
