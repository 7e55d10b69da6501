import { groups, labelWord, type Group, type Kind, type Label } from '../src/metrics/metric.ts';
import { entryOf, labels, metricNames, type MetricName } from '../src/metrics/catalogue.ts';

/** What is generated of the catalogue of metrics, apart from the SDL and the documentation. */

type Entry = ReturnType<typeof entryOf>;
type Part = Extract<Entry, { readonly members: object }>;
type Breakdown = Extract<Entry, { readonly label: object }>;

const scalars = {
  SafeInt: 'number',
  Int: 'number',
  Float: 'number',
  Boolean: 'boolean',
  String: 'string',
};

/** `src/metrics/broker-stats.ts`: types that a reader of the library sees with their documentation. */
export function brokerStatsTypes(): string {
  const parts = metricNames.map(entryOf).filter((entry): entry is Part => 'members' in entry);
  const members = metricNames.map((name) => {
    const entry = entryOf(name);
    return member(name, typeOf(entry), entry.description);
  });
  return [
    '// Written by `npm run codegen` from the catalogue of metrics, `catalogue.ts`.',
    '',
    "/** A snapshot of what the gateway does, in the shape of the SDL's type of that name. Counters run since the start. */",
    'export interface BrokerStats {',
    ...members,
    '}',
    '',
    ...parts.flatMap(partTypes),
    ...labels.flatMap(labelTypes),
  ].join('\n');
}

function typeOf(entry: Entry): string {
  if ('members' in entry) return entry.typeName;
  return 'label' in entry ? `readonly ${entry.label.countName}[]` : scalars[entry.type];
}

function partTypes({ typeName, typeDescription, members }: Part): string[] {
  return [
    `/** ${typeDescription} */`,
    `export interface ${typeName} {`,
    ...Object.entries(members).map(([name, entry]) =>
      member(name, scalars[entry.type], entry.description),
    ),
    '}',
    '',
  ];
}

function labelTypes(label: Label): string[] {
  const { enumName, enumDescription, values, countName, countDescription } = label;
  return [
    `/** ${enumDescription} */`,
    `export type ${enumName} =`,
    `${Object.keys(values)
      .map((key) => `  | '${labelWord(key)}'`)
      .join('\n')};`,
    '',
    `/** ${countDescription} */`,
    `export interface ${countName} {`,
    member(label.name, enumName, label.nameDescription),
    member('count', 'number', label.numberDescription),
    '}',
    '',
  ];
}

function member(name: string, type: string, description: string): string {
  return `  /** ${description} */\n  readonly ${name}: ${type};`;
}

/** `client/stats.graphql`: everything that there is, as a query and as a subscription. */
export function statsDocument(): string {
  return `# Written by \`npm run codegen\` from the catalogue of metrics.
fragment Stats on BrokerStats {
${metricNames.flatMap((name) => selection(name, entryOf(name))).join('\n')}
}

query BrokerStats {
  brokerStats {
    ...Stats
  }
}

subscription WatchBrokerStats($intervalMs: Int) {
  brokerStats(intervalMs: $intervalMs) {
    ...Stats
  }
}
`;
}

function selection(name: string, entry: Entry): string[] {
  if ('members' in entry) return nested(name, Object.keys(entry.members));
  return 'label' in entry ? nested(name, [entry.label.name, 'count']) : [`  ${name}`];
}

function nested(name: string, fields: readonly string[]): string[] {
  return [`  ${name} {`, ...fields.map((field) => `    ${field}`), '  }'];
}

/** `client/generated/shown-stats.ts`: what `sluice stats` and the dashboard show, without the code of the gateway. */
export function shownStats(): string {
  const rows = metricNames.flatMap((name) => rowsOf(name, entryOf(name)));
  const inOrder = groups.flatMap((group) => rows.filter((each) => each.group === group));
  return `import type { ShownStat } from '../shown-stat.ts';

/** Every metric of the gateway's catalogue, as \`npm run codegen\` writes them. */
export const shownStats: readonly ShownStat[] = [
${inOrder.map(({ code }) => `  {${code.join(',')} },`).join('\n')}
];
`;
}

interface Row {
  readonly group: Group;
  readonly code: readonly string[];
}

/** A total and its breakdown are one row; a breakdown without a total has its sum. */
function rowsOf(name: string, entry: Entry): Row[] {
  if ('members' in entry) {
    return Object.entries(entry.members).map(([key, metric]) =>
      rowOf(metric, [` name: '${key}'`, ` read: (of) => of.${name}.${key}`]),
    );
  }
  if ('label' in entry) {
    if (metricNames.some((other) => breakdownNameOf(other) === name)) return [];
    const sum = `of.${name}.reduce((sum, { count }) => sum + count, 0)`;
    return [rowOf(entry, [` name: '${name}'`, ` read: (of) => ${sum}`, countsCode(name, entry)])];
  }
  const breakdown = breakdownNameOf(name);
  const counts = metricNames.filter((other) => other === breakdown).map(countsCodeOf);
  return [rowOf(entry, [` name: '${name}'`, ` read: (of) => of.${name}`, ...counts])];
}

function rowOf(
  { group, title, kind, unit }: Pick<Breakdown, 'group' | 'title' | 'unit'> & { kind: Kind },
  code: readonly string[],
): Row {
  const shownUnit = unitsOfTheirOwn.find((own) => own === unit) ?? 'count';
  return {
    group,
    code: [` title: '${title}'`, ` kind: '${kind}'`, ` unit: '${shownUnit}'`, ...code],
  };
}

const unitsOfTheirOwn = ['bytes', 'milliseconds', 'seconds', 'none'] as const;

function breakdownNameOf(name: string): string | undefined {
  const known = metricNames.find((each) => each === name);
  const entry = known === undefined ? undefined : entryOf(known);
  if (entry === undefined || !('source' in entry)) return undefined;
  return 'totalOf' in entry.source ? entry.source.totalOf : undefined;
}

function countsCodeOf(name: MetricName): string {
  const entry = entryOf(name);
  if (!('label' in entry)) throw new TypeError(`${name} is the total of no breakdown`);
  return countsCode(name, entry);
}

function countsCode(name: string, { label }: Breakdown): string {
  return ` counts: (of) => new Map(of.${name}.map((each) => [each.${label.name}, each.count]))`;
}
