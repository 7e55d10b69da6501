import { Command, Option, type Help } from 'commander';
import type { SettingSources } from './config.ts';
import {
  defaultOf,
  definitions,
  flagOf,
  settingNames,
  variableOf,
  type SettingName,
} from './config/setting.ts';
import { readVersion } from './version.ts';

/** The `sluice` command. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  const program = new Command('sluice')
    .description('A gateway from MQTT devices to GraphQL subscriptions.')
    .version(readVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('Run "sluice --help" to see the commands.');
  program.addCommand(serveCommand());
  await program.parseAsync(argv);
}

function serveCommand(): Command {
  const command = new Command('serve')
    .description(
      'Run the gateway. Every setting is a flag and an environment variable; the flag wins.',
    )
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ formatItem })
    .showHelpAfterError('Run "sluice serve --help" to see the settings.')
    .action(async (flags: SettingSources['flags']) => {
      // Only now: the help needs neither the servers nor the schema.
      const { serve } = await import('./command/serve.ts');
      await serve(flags);
    });
  for (const name of settingNames) command.addOption(optionOf(name));
  return command;
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
    `${meaning}\n${variableOf(name)}, default: ${defaultOf(name)}`,
  ).helpGroup(`${group}:`);
}
