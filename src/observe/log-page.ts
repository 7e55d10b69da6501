import { entryOf, logEventNames, type LogEvent } from './log-events.ts';

const introduction = `# The log

\`sluice serve\` logs to standard error: one JSON object on each line, or readable lines on a terminal (\`SLUICE_LOG_FORMAT\`). \`SLUICE_LOG_LEVEL\` says from which level on. Standard output has nothing but the welcome text.

Each line has these fields, and those of its event:

| field | what |
|---|---|
| \`level\` | 20 debug, 30 info, 40 warn, 50 error, 60 fatal |
| \`time\` | milliseconds since 1970 |
| \`event\` | what happened: one of the names below. They are stable, so filter and alert by them; the text may change |
| \`msg\` | the same for a person |
| \`who\` | a client: its transport, address and port. All subscriptions of a connection share it |
| \`mqtt\` | the address of the MQTT broker, without its password |
| \`err\` | an error, with its \`type\`, \`message\` and \`stack\` |

A fault of a client is never at level error: no client can make an alert on errors go off.

## The log cannot stop the gateway

- Lines are written without blocking. Up to 1 MiB waits for a reader that does not read; what does not fit is dropped and counted. Fatal lines may take 1 MiB more. When the log is read again, a line \`log.lines_dropped\` says how many are missing. A gateway that ends waits for such a reader for one second at most.
- At most 50 lines a second are written, after a burst of 500. The lines \`gateway.*\`, the events marked with * and those of level fatal do not count, so that a flood cannot hide them.
- Events marked with * are written once in 10 s. The field \`count\` says how many a line stands for; what comes within the 10 s is told at their end, so such a line may be late by as much.
- \`brokerStats.logLinesDropped\` counts what was dropped.

Two outputs can still hold up the gateway, because Node.js writes to them synchronously: a terminal that is stopped (Ctrl-S), and a file on a disk that hangs. In production let standard error be a pipe or a socket, which is what systemd and container engines use (without \`-t\`).

In the readable form, characters that could steer a terminal are shown as their escapes, \`\\u001b\`. In JSON only those below U+0020 are escaped; whatever prints those lines on a terminal has to escape the others.

A program that embeds the gateway may pass its own logger with pino's methods, \`createGateway({ logger })\`. It gets the same lines with the same limits; how they are written is then its own matter.
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
