import { parseTopicTemplate } from './config/topic-template.ts';
import type { GatewayOptions } from './config/gateway-options.ts';
import { nearestName } from './config/nearest-name.ts';
import { readGiven, resolveOptions, type Given } from './config/option.ts';
import {
  definitions,
  isSettingName,
  settingNames,
  variableOf,
  type DefaultContext,
  type Setting,
  type SettingName,
} from './config/setting.ts';

type Definitions = typeof definitions;
type ValueOf<Definition> =
  Definition extends Setting<infer Value, infer Default> ? Value | Default : never;

/** Every setting with its value; the defaults are filled in. */
export type Settings = {
  readonly [Name in SettingName]: ValueOf<Definitions[Name]>;
};

/** The environment or the flags of the command are wrong. Its message names every fault, each on a line. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(listOf(faults, 'setting'));
    this.faults = faults;
  }
}

/** The settings for the options of the library. Throws one TypeError that names every wrong option. */
export function resolveSettings(options: GatewayOptions = {}): Settings {
  const faults = unknownOptions(options);
  const given: GivenValues = new Map();
  for (const name of settingNames) {
    if (options[name] !== undefined) given.set(name, { called: name, value: options[name] });
  }
  const resolved = resolve(given, (name) => name);
  faults.push(...resolved.faults);
  if (faults.length > 0) throw new TypeError(listOf(faults, 'option'));
  return resolved.settings;
}

export interface SettingSources {
  /** Such as `process.env`. An empty variable counts as not set. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By the names of the settings. An empty flag sets the default back, whatever the variable says. */
  readonly flags: { readonly [Name in SettingName]?: string | undefined };
}

/** The settings for the command; flags win. Throws one ConfigurationError that names every wrong setting. */
export function readSettings({ env, flags }: SettingSources): Settings {
  const given = readGiven(definitions, {
    flags,
    env,
    variableOf: (name) => (isSettingName(name) ? variableOf(name) : undefined),
    emptyFlagIsDefault: true,
  });
  const { settings, faults } = resolve(given, variableOf);
  if (faults.length > 0) throw new ConfigurationError(faults);
  return settings;
}

export interface UnknownVariable {
  readonly name: string;
  /** The variable that was perhaps meant. */
  readonly suggestion: string | undefined;
}

/** What Kubernetes sets in every pod beside a Service named sluice. */
const serviceVariable = /^SLUICE_(?:SERVICE_(?:HOST|PORT)|PORT_\d+_)/;

/** Of the commands that ask a gateway, which the environment of a gateway may have as well. */
const clientVariables: ReadonlySet<string> = new Set(['SLUICE_URL', 'SLUICE_TOKEN']);

/** The variables of this environment that look like settings and are none. */
export function unknownVariables(env: SettingSources['env']): readonly UnknownVariable[] {
  const known = settingNames.map(variableOf);
  return Object.keys(env)
    .filter((name) => name.startsWith('SLUICE_') && !serviceVariable.test(name))
    .filter((name) => !known.includes(name) && !clientVariables.has(name))
    .map((name) => ({ name, suggestion: nearestVariable(name, known) }));
}

function nearestVariable(name: string, known: readonly string[]): string | undefined {
  const nearest = nearestName(withoutPrefix(name), known.map(withoutPrefix));
  return nearest === undefined ? undefined : `SLUICE_${nearest}`;
}

/** What all variables share would count as likeness. */
function withoutPrefix(variable: string): string {
  return variable.slice('SLUICE_'.length);
}

type GivenValues = Map<string, Given>;
type NameOf = (name: SettingName) => string;

function resolve(
  given: GivenValues,
  nameOf: NameOf,
): { readonly settings: Settings; readonly faults: readonly string[] } {
  const maxPayloadBytes = given.get('maxPayloadBytes')?.value;
  const context: DefaultContext = {
    hasClientId: given.has('mqttClientId'),
    // Where the log goes.
    onTerminal: process.stderr.isTTY,
    maxPayloadBytes: typeof maxPayloadBytes === 'number' ? maxPayloadBytes : undefined,
  };
  const { values, faults } = resolveOptions(definitions, given, (standard) =>
    typeof standard === 'function' ? standard(context) : standard,
  );
  // Each value was checked by the kind of its own setting, which the types cannot follow.
  const settings = Object.freeze(values) as Settings;
  faults.push(...faultsBetween(settings, given, nameOf));
  return { settings, faults };
}

/** What is wrong with settings that are right by themselves. A companion counts even when it is wrong: that fault is listed. */
function faultsBetween(settings: Settings, given: GivenValues, nameOf: NameOf): string[] {
  const faults: string[] = [];
  const called = (name: SettingName): string => given.get(name)?.called ?? nameOf(name);
  const require = (name: SettingName, companion: SettingName, why: string): void => {
    if (settings[name] && !given.has(companion)) {
      faults.push(`${called(name)} needs ${called(companion)} beside it: ${why}`);
    }
  };
  require('mqttCertFile', 'mqttKeyFile', 'a certificate is of no use without its key');
  require('mqttKeyFile', 'mqttCertFile', 'a key is of no use without its certificate');
  require('mqttSessionExpiryS', 'mqttClientId', 'the broker finds a session by its client id');
  const filters = new Map<string, string>();
  for (const text of settings.topics) {
    const { filter, hasDeviceId } = parseTopicTemplate(text, { deviceIdRequired: false });
    if (!hasDeviceId && !given.has('deviceIdPointer')) {
      faults.push(
        `${called('topics')} has "${text}", of which no level is {deviceId}: ` +
          `put one in, or set ${called('deviceIdPointer')}`,
      );
    }
    const twin = filters.get(filter);
    if (twin !== undefined) {
      faults.push(
        `${called('topics')} has "${twin}" and "${text}", which read the same topics: keep one`,
      );
    }
    filters.set(filter, text);
  }
  return faults;
}

function unknownOptions(options: GatewayOptions): string[] {
  return Object.keys(options)
    .filter((name) => !isSettingName(name))
    .map((name) => {
      const suggestion = nearestName(name, settingNames);
      return suggestion === undefined
        ? `${name} is no option`
        : `${name} is no option; did you mean ${suggestion}?`;
    });
}

function listOf(faults: readonly string[], thing: string): string {
  const count = faults.length === 1 ? `One ${thing} is` : `${faults.length} ${thing}s are`;
  return [`${count} wrong:`, ...faults.map((fault) => `  ${fault}`)].join('\n');
}
