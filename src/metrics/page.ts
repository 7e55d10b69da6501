import { groups, labelWord, snakeCase, type Group, type Label } from './metric.ts';
import { entryOf, labels, metricNames, type MetricName } from './catalogue.ts';

const introduction = `# Metrics

\`brokerStats\` has all metrics, as a query and as a subscription; \`sluice stats\` and the dashboard show them; \`gateway.stats()\` returns them in a program that embeds the gateway. \`GET /api/v1/stream/stats\` has the same metrics in snake_case, with each breakdown as an object: \`"messages_dropped_by_reason": {"queue_overflow": 5, …}\`.

A counter starts at 0 with the process and only grows; a gauge is a current value. A breakdown lists every value of its label once, including those with the count 0, and its total is their sum. Names are stable: the meaning of a name does not change.
`;

/** The page of all metrics, in Markdown. */
export function metricsPage(): string {
  const sections = groups.map((group) =>
    [
      `## ${group}`,
      '',
      '| `brokerStats` | Plain stats | Kind | Unit | Meaning |',
      '|---|---|---|---|---|',
      ...metricNames.flatMap((name) => rowsOf(name, group)),
      '',
    ].join('\n'),
  );
  return [introduction, ...sections, ...labels.map(labelSection)].join('\n');
}

/** The table rows of one metric, or of its members, that belong to this group. */
function rowsOf(name: MetricName, group: Group): string[] {
  const entry = entryOf(name);
  const rows: [string, Omit<Extract<typeof entry, { readonly kind: string }>, 'source'>][] =
    'members' in entry
      ? Object.entries(entry.members).map(([key, metric]) => [`${name}.${key}`, metric])
      : [[name, entry]];
  return rows
    .filter(([, metric]) => metric.group === group)
    .map(([path, metric]) => {
      const unit = metric.unit === 'none' ? '' : metric.unit;
      const cells = [code(path), code(snakeCase(path)), metric.kind, unit, metric.description];
      return `| ${cells.join(' | ')} |`;
    });
}

function labelSection({ enumName, enumDescription, values }: Label): string {
  return [
    `## ${enumName}`,
    '',
    `${enumDescription} In the plain stats the values are in lower case.`,
    '',
    '| Value | Meaning |',
    '|---|---|',
    ...Object.entries(values).map(
      ([key, description]) => `| ${code(labelWord(key))} | ${description} |`,
    ),
    '',
  ].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
