import { Option, type Command } from 'commander';
import type { Kind } from '../config/kind.ts';
import { UsageError } from './command-error.ts';

/** An option of a command, which takes a value: everything that code and help say of it. */
export interface CommandOption<Value, Default extends Value | undefined> {
  readonly kind: Kind<Value>;
  readonly description: string;
  readonly default: Default;
  /** The environment variable that is asked where the flag is missing. Default: none. */
  readonly variable?: string;
  /** The default for a person, where its value does not say it. */
  readonly defaultText?: string;
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
    const { kind, repeatable = false } = definition;
    const added = new Option(`${flagOf(name)} <${kind.placeholder}>`, descriptionOf(definition));
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
  const values: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [name, { kind, variable, default: standard }] of Object.entries(options)) {
    const flag = flags[name];
    const fromVariable = variable === undefined ? undefined : env[variable] || undefined;
    const text = typeof flag === 'string' ? flag : fromVariable;
    values[name] = standard;
    if (text === undefined) continue;
    const value = kind.parse(text);
    const checked = kind.check(value);
    if (checked.ok) {
      values[name] = checked.value;
    } else {
      const called = typeof flag === 'string' ? flagOf(name) : variable;
      const why = checked.why === undefined ? '' : `${checked.why}; `;
      faults.push(`${called} is ${kind.show(value)}: ${why}it takes ${kind.takes}`);
    }
  }
  if (faults.length > 0) throw new UsageError(faults.join('\n'));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each value was checked by the kind of its own option, which the types cannot follow
  return values as OptionValues<Options>;
}

/** `durationS` as a flag: `--duration-s`. */
function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function descriptionOf({
  kind,
  description,
  default: standard,
  defaultText,
  variable,
}: CommandOption<unknown, unknown>): string {
  const notes: string[] = [];
  if (defaultText !== undefined) notes.push(`default: ${defaultText}`);
  else if (standard !== undefined)
    notes.push(`default: ${kind.show(standard).replaceAll('"', '')}`);
  if (variable !== undefined) notes.push(`env: ${variable}`);
  return notes.length === 0 ? description : `${description} (${notes.join(', ')})`;
}
