import type { Kind } from './kind.ts';

/** One option of the gateway or of a command: what code, help and documentation say of it. */
export interface Option<Value> {
  /** For a person. Code stands in backticks. */
  readonly description: string;
  readonly kind: Kind<Value>;
  /** The default for a person, where its value does not say it. */
  readonly defaultText?: string;
}

/** By name in camelCase. */
export type Options = Readonly<Record<string, Option<unknown> & { readonly default: unknown }>>;

/** A value that somebody chose, and what they call it: a variable, a flag or an option of the library. */
export interface Given {
  readonly called: string;
  readonly value: unknown;
}

export interface OptionSources {
  /** By the names of the options; what is not text is none of them. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** Such as `process.env`. An empty variable counts as not set. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined: the option has no variable. */
  readonly variableOf: (name: string) => string | undefined;
  /** Whether an empty flag sets the default back, whatever the variable says, or is a value like any other. */
  readonly emptyFlagIsDefault: boolean;
}

/** What somebody chose by flags and variables; flags win. Not checked yet. */
export function readGiven(options: Options, sources: OptionSources): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const [name, { kind }] of Object.entries(options)) {
    const flag = sources.flags[name];
    const variable = sources.variableOf(name);
    if (typeof flag === 'string') {
      if (flag === '' && sources.emptyFlagIsDefault) continue;
      given.set(name, { called: flagOf(name), value: kind.parse(flag) });
    } else if (variable !== undefined) {
      const text = sources.env[variable] ?? '';
      if (text !== '') given.set(name, { called: variable, value: kind.parse(text) });
    }
  }
  return given;
}

/** Every option with its value. `defaultOf` answers that of an option which was not given, or wrongly. */
export function resolveOptions(
  options: Options,
  given: ReadonlyMap<string, Given>,
  defaultOf: (standard: unknown) => unknown = (standard) => standard,
): { readonly values: Readonly<Record<string, unknown>>; readonly faults: string[] } {
  const values: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [name, { kind, default: standard }] of Object.entries(options)) {
    values[name] = defaultOf(standard);
    const chosen = given.get(name);
    if (chosen === undefined) continue;
    const checked = kind.check(chosen.value);
    if (checked.ok) {
      values[name] = checked.value;
    } else {
      const why = checked.why === undefined ? '' : `${checked.why}; `;
      faults.push(`${chosen.called} is ${kind.show(chosen.value)}: ${why}it takes ${kind.takes}`);
    }
  }
  return { values, faults };
}

/** `durationS` in words: `duration`, `S`. */
export function wordsOf(name: string): string[] {
  return name.split(/(?=[A-Z])/);
}

/** `durationS` as a flag: `--duration-s`. */
export function flagOf(name: string): string {
  return `--${wordsOf(name).join('-').toLowerCase()}`;
}

/** The default for a person; undefined when there is none. */
export function defaultTextOf({
  kind,
  default: standard,
  defaultText,
}: Options[string]): string | undefined {
  if (defaultText !== undefined || standard === undefined) return defaultText;
  return kind.show(standard).replaceAll('"', '');
}

/** What the help says behind its meaning: `(default: 4000, env: SLUICE_PORT)`. */
export function notesOf(option: Options[string], variable: string | undefined): string {
  const standard = defaultTextOf(option);
  const notes = [
    ...(standard === undefined ? [] : [`default: ${standard}`]),
    ...(variable === undefined ? [] : [`env: ${variable}`]),
  ];
  return notes.length === 0 ? '' : `(${notes.join(', ')})`;
}
