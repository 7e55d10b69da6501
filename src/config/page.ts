import { flagOf } from './option.ts';
import {
  defaultOf,
  definitions,
  groups,
  settingNames,
  variableOf,
  type SettingName,
} from './setting.ts';

const introduction = `# Configuration

The command \`sluice serve\` reads environment variables and flags; flags win. An empty variable counts as not set, and an empty flag (\`--mqtt-url=\`) sets the default back. The library takes the same settings as options: \`createGateway({ port: 4000 })\`.

A wrong value stops the start, with one message that names every wrong setting, what it got and what it takes. A variable that begins with \`SLUICE_\` and is none of these gives a warning. Neither messages nor logs show a password, or the user and the password in a URL.
`;

/** The page of all settings, in Markdown. */
export function configurationPage(): string {
  const sections = groups.map((group) => {
    const names = settingNames.filter((name) => definitions[name].group === group);
    return [
      `## ${group}`,
      '',
      '| Variable, flag and option | Takes | Default | Meaning |',
      '|---|---|---|---|',
      ...names.map(rowOf),
      '',
    ].join('\n');
  });
  return [introduction, ...sections].join('\n');
}

function rowOf(name: SettingName): string {
  const { description, kind, defaultText } = definitions[name];
  const flag = `${flagOf(name)} <${kind.placeholder}>`;
  const names = [variableOf(name), flag, name].map(code).join('<br>');
  const standard = defaultOf(name);
  const isValue = defaultText === undefined && standard !== 'none';
  const cells = [names, kind.takes, isValue ? code(standard) : standard, description];
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}
