import { Command, CommanderError } from 'commander';
import { exitCodes } from './command/command-error.ts';
import { addPublish } from './command/publish-command.ts';
import { addSchema } from './command/schema-command.ts';
import { addServe } from './command/serve-command.ts';
import { addSimulate } from './command/simulate-command.ts';
import { addStats } from './command/stats-command.ts';
import { addTail } from './command/tail-command.ts';
import { tolerateUnreadOutput, writeOut } from './command/unread-output.ts';
import { readVersion } from './version.ts';

const exitCodeHelp = `
Exit codes: 0 done, 1 failed, 2 wrong use, 130 or 143 ended by a signal (serve: 0).
`;

/** The `sluice` command. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  tolerateUnreadOutput();
  const program = new Command('sluice')
    .description('A gateway from MQTT devices to GraphQL subscriptions.')
    .version(readVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('Run "sluice --help" to see the commands.')
    .addHelpText('after', exitCodeHelp)
    .configureOutput({ writeOut })
    .exitOverride();
  addServe(program);
  addTail(program);
  addStats(program);
  addPublish(program);
  addSimulate(program);
  addSchema(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // It has said what is wrong, or printed the help.
    // Printed in vain, it has set the exit code itself.
    if (error.exitCode !== 0) process.exitCode = exitCodes.wrongUse;
  }
}
