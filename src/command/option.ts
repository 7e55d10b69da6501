import { Option as Flag, type Command } from 'commander';
import { flagOf, notesOf, readGiven, resolveOptions, type Option } from '../config/option.ts';
import { UsageError } from './command-error.ts';

/** An option of a command, which takes a value. */
export interface CommandOption<Value, Default extends Value | undefined> extends Option<Value> {
  readonly default: Default;
  /** The environment variable that is asked where the flag is missing. Default: none. */
  readonly variable?: string;
  /** Whether the flag may be given again, with further values. Default: no, the last one counts. */
  readonly repeatable?: boolean;
}

/** By the name of the flag in camelCase. */
export type CommandOptions = Readonly<Record<string, CommandOption<unknown, unknown>>>;
export type OptionValues<Options extends CommandOptions> = {
  readonly [Name in keyof Options]: Options[Name] extends CommandOption<infer Value, infer Default>
    ? Value | Default
    : never;
};

/** As commander hands them over: by name in camelCase, unchecked. */
export type Flags = Readonly<Record<string, unknown>>;

/** Keeps the types of the value and of the default. */
export function option<Value, const Default extends Value | undefined>(
  definition: CommandOption<Value, Default>,
): CommandOption<Value, Default> {
  return definition;
}

export function addOptions(command: Command, options: CommandOptions): Command {
  for (const [name, definition] of Object.entries(options)) {
    const { kind, description, variable, repeatable = false } = definition;
    const help = `${description} ${notesOf(definition, variable)}`.trimEnd();
    const added = new Flag(`${flagOf(name)} <${kind.placeholder}>`, help);
    if (repeatable) {
      added.argParser((text: string, before: string | undefined) =>
        before === undefined ? text : `${before},${text}`,
      );
    }
    command.addOption(added);
  }
  return command;
}

/**
 * The values of the options; flags win over variables, and an empty variable
 * counts as not set. Throws one UsageError that names every wrong one.
 */
export function readOptions<const Options extends CommandOptions>(
  options: Options,
  flags: Flags,
  env: Readonly<Record<string, string | undefined>> = process.env,
): OptionValues<Options> {
  const given = readGiven(options, {
    flags,
    env,
    variableOf: (name) => options[name]?.variable,
    emptyFlagIsDefault: false,
  });
  const { values, faults } = resolveOptions(options, given);
  if (faults.length > 0) throw new UsageError(faults.join('\n'));
  // Each value was checked by the kind of its own option, which the types cannot follow.
  return values as OptionValues<Options>;
}
