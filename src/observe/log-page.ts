import { entryOf, logEventNames, type LogEvent } from './log-events.ts';

const introduction = `# The log

\`sluice serve\` logs to standard error: one JSON object on each line, or readable lines on a terminal (\`SLUICE_LOG_FORMAT\`). \`SLUICE_LOG_LEVEL\` sets the lowest level that is written. Standard output has only the welcome text.

Each line has these fields and the fields of its event:

| Field | Meaning |
|---|---|
| \`level\` | 20 debug, 30 info, 40 warn, 50 error, 60 fatal |
| \`time\` | milliseconds since 1970 |
| \`event\` | what happened: one of the names below. The names are stable, so use them for filters and alerts; the text may change |
| \`msg\` | what happened, as text for a person |
| \`who\` | a client: its transport, address and port. All subscriptions of a connection share it |
| \`mqtt\` | the address of the MQTT broker, without its password |
| \`err\` | an error, with its \`type\`, \`message\` and \`stack\` |

A client's fault is never logged at level error: no client can trigger an alert on errors.

## The log cannot stop the gateway

- Lines are written without blocking. If the reader does not read, up to 1 MiB waits; further lines are dropped and counted. Fatal lines may use 1 MiB more. When the log is read again, a line \`log.lines_dropped\` says how many are missing. At its end, the gateway waits for such a reader for at most one second.
- At most 50 lines per second are written, after a burst of 500. Lines \`gateway.*\`, events marked with * and lines of level fatal do not count, so a flood cannot hide them.
- Events marked with * are written once in 10 s. The field \`count\` says how many events a line stands for. Events within the 10 s are logged at their end, so such a line may be up to 10 s late.
- \`brokerStats.logLinesDropped\` counts the dropped lines.

Two outputs can still block the gateway, because Node.js writes to them synchronously: a stopped terminal (Ctrl-S), and a file on a disk that hangs. In production, standard error should be a pipe or a socket, as it is under systemd and container engines (without \`-t\`).

In the readable form, characters that could steer a terminal are shown as their escapes, \`\\u001b\`. In JSON only those below U+0020 are escaped; a program that prints these lines on a terminal MUST escape the others.

A program that embeds the gateway may pass its own logger with pino's methods, \`createGateway({ logger })\`. That logger gets the same lines with the same limits, and writes them in its own way.
`;

/** The page of all events, in Markdown. */
export function logPage(): string {
  return [
    introduction,
    '## Events',
    '',
    '| Event | Level | Fields | Meaning | What to do |',
    '|---|---|---|---|---|',
    ...logEventNames.map(rowOf),
    '',
  ].join('\n');
}

function rowOf(event: LogEvent): string {
  const { levels, fields, isRepeated, meaning, advice } = entryOf(event);
  const [mark, counted] = isRepeated === true ? ['*', ['count']] : ['', []];
  const shown = [...fields, ...counted].map(code).join(', ');
  return `| ${[code(event) + mark, levels.join(', '), shown, meaning, advice].join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}
