import type { Command } from 'commander';
import * as kind from '../config/kind.ts';
import { brokerOptions } from './broker-options.ts';
import { addOptions, option, type Flags } from './option.ts';

export const publishOptions = {
  deviceId: option({
    kind: kind.text('a device id', 'id'),
    description: 'the device that the message is of',
    default: undefined,
  }),
  payload: option({
    kind: kind.text('a JSON document', 'json'),
    description: 'the message',
    default: undefined,
  }),
  file: option({
    kind: kind.readableFile,
    description: 'a file with the message; with the name .ndjson or .jsonl one message a line',
    default: undefined,
  }),
  ...brokerOptions,
};

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
