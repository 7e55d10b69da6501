import type { Command } from 'commander';
import { addOptions, type Flags } from './option.ts';
import { publishOptions } from './publish-options.ts';

const examples = `
Examples:
  sluice publish --device-id tracker-001 --payload '{"speed": 12.5}'
  jq -c '.[]' readings.json | sluice publish --device-id tracker-001 -`;

export function addPublish(program: Command): void {
  const command = program
    .command('publish')
    .description(
      'Publish messages of a device to an MQTT broker. Each one is checked to be JSON, sent as it is, and waited for until the broker has it.',
    )
    .argument('[-]', 'read messages from the standard input, one a line');
  addOptions(command, publishOptions)
    .option('--retain', 'the broker keeps the message for whoever subscribes later')
    .showHelpAfterError('Run "sluice publish --help" to see the options.')
    .addHelpText('after', examples)
    .action(async (input: string | undefined, flags: Flags) => {
      const { publish } = await import('./publish.ts');
      await publish(input, flags);
    });
}
