import { defaultOf, definitions, settingNames, type SettingName } from '../src/config/setting.ts';

const width = 96;

/** `src/config/gateway-options.ts`: what an editor shows of each option of the library. */
export function gatewayOptionsTypes(): string {
  return [
    '// Written by `npm run codegen` from the definitions of the settings, `setting.ts`.',
    '',
    '/** The settings to choose; those that are left out or undefined have their defaults. */',
    'export interface GatewayOptions {',
    ...settingNames.map(memberOf),
    '}',
    '',
  ].join('\n');
}

function memberOf(name: SettingName): string {
  const { description, kind, defaultText } = definitions[name];
  const standard = defaultOf(name);
  const isValue = defaultText === undefined && standard !== 'none';
  const lines = [
    ...wrap(description),
    '',
    ...wrap(`It takes ${kind.takes}.`),
    `@defaultValue ${isValue ? `\`${standard}\`` : standard}`,
  ];
  return [
    '  /**',
    ...lines.map((line) => `   * ${line.replaceAll('*/', String.raw`*\/`)}`.trimEnd()),
    '   */',
    `  readonly ${name}?: ${kind.type} | undefined;`,
  ].join('\n');
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width - '   * '.length) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
