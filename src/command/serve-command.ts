import { Option, type Command, type Help } from 'commander';
import type { SettingSources } from '../config.ts';
import { flagOf, notesOf } from '../config/option.ts';
import { definitions, settingNames, variableOf, type SettingName } from '../config/setting.ts';

const examples = `
Examples:
  sluice serve
  SLUICE_MQTT_URL=mqtt://broker.example:1883 sluice serve --port 8080`;

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .description(
      'Run the gateway. Every setting is a flag and an environment variable; the flag wins.',
    )
    .configureHelp({ formatItem })
    .showHelpAfterError('Run "sluice serve --help" to see the settings.')
    .addHelpText('after', examples)
    .action(async (flags: SettingSources['flags']) => {
      // Only now: the help needs neither the servers nor the schema.
      const { serve } = await import('./serve.ts');
      await serve(flags);
    });
  for (const name of settingNames) command.addOption(optionOf(name));
}

/** The description below the flag: beside flags as long as these no room would be left for it. */
function formatItem(flag: string, _width: number, description: string, help: Help): string {
  const indent = ' '.repeat(8);
  const wrapped = help.boxWrap(description, (help.helpWidth ?? 80) - indent.length);
  return `  ${flag}\n${wrapped.replaceAll(/^/gm, indent)}`;
}

function optionOf(name: SettingName): Option {
  const { description, group, kind } = definitions[name];
  const meaning = description.replaceAll('`', '');
  return new Option(
    `${flagOf(name)} <${kind.placeholder}>`,
    `${meaning}\n${notesOf(definitions[name], variableOf(name))}`,
  ).helpGroup(`${group}:`);
}
